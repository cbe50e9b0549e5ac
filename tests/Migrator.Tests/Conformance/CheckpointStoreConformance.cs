using Migrator.Core.Checkpoints;
using Migrator.Core.Mail;
using Xunit;

namespace Migrator.Tests.Conformance;

/// <summary>What <see cref="ICheckpointStore"/> promises, proved on whatever implements it.</summary>
public abstract class CheckpointStoreConformance : IAsyncLifetime
{
    private static readonly MailboxPair s_pair = new("imap://ann@old.example:993", "imap://ann@new.example:993");
    private static readonly FolderPath s_odd = new(["IN\"BOX", "a/b\\", "日本 %_'; DROP TABLE message; --"]);

    private IMailboxCheckpoint _mailbox = null!;

    protected ICheckpointStore Store { get; private set; } = null!;

    protected static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>Opens the store; the second time, with what was in it the first time.</summary>
    protected abstract Task<ICheckpointStore> OpenStoreAsync();

    public async ValueTask InitializeAsync()
    {
        Store = await OpenStoreAsync();
        _mailbox = await Store.OpenAsync(s_pair, Stop);
    }

    public virtual async ValueTask DisposeAsync() => await CloseAsync();

    [Fact]
    public async Task A_new_mailbox_has_no_folders() => Assert.Empty(await _mailbox.FoldersAsync(Stop));

    [Fact]
    public async Task Folders_come_back_as_saved_and_are_known_by_source_and_UIDVALIDITY()
    {
        var folder = await _mailbox.SaveFolderAsync(
            new FolderCheckpoint(0, s_odd, uint.MaxValue, Uid.Max, s_odd.Child("x"), uint.MaxValue, null, null, 0),
            Stop
        );
        var changed = folder with
        {
            Completed = new FolderState(uint.MaxValue, Uid.Max, long.MaxValue, int.MaxValue),
            CompletedTarget = new FolderState(uint.MaxValue, 1, 2, 3),
            FlagsModSeq = long.MaxValue,
            NextUid = 7,
            Target = FolderPath.Inbox,
            SourceMark = new HighWaterMark(Uid.Max, long.MaxValue),
            TargetMark = new HighWaterMark(1, 2),
            Selection = "receivedAfter 1\nsearch ü",
            IsTargetOurs = true,
        };

        var saved = await _mailbox.SaveFolderAsync(changed with { Id = 0 }, Stop);
        var other = await _mailbox.SaveFolderAsync(changed with { Id = 0, UidValidity = 1, Completed = null }, Stop);

        Assert.Equal(folder.Id, saved.Id);
        Assert.True(other.Id > saved.Id);
        Assert.Equal([changed, other], await _mailbox.FoldersAsync(Stop));
    }

    [Fact]
    public async Task What_is_known_can_be_read_beside_its_holder()
    {
        var folder = await FolderAsync();
        await AddAsync(folder, 1, 2);
        await _mailbox.WriteAsync(folder, [Record(2) with { State = MessageState.Delivered, TargetUid = 9 }], Stop);
        await _mailbox.Uids.AddAsync([new UidMapEntry("uidl:a", 7, DateTimeOffset.UnixEpoch)], Stop);
        var known = (await _mailbox.FoldersAsync(Stop)).Single();

        await using (var records = await Store.OpenRecordsAsync(s_pair, Stop))
        {
            Assert.Equal([known], await records!.FoldersAsync(Stop));
            Assert.Equal([1u], await records.UidsAsync(folder, [MessageState.Found], Stop));
            Assert.Equal(MessageState.Delivered, (await records.ReadAsync(folder, MessageStates.AtTarget, 1, 10, Stop)).Single().State);
            Assert.Equal(9u, (await records.DeliveredToAsync(known.Target, known.TargetUidValidity, 1, Stop)).Single().TargetUid);
            Assert.Equal("uidl:a", (await records.Uids.ReadAsync(Stop)).Single().Key);
        }
        // Its holder still has it, and nobody else has become known.
        await _mailbox.WriteAsync(folder, [Record(1) with { State = MessageState.Delivered, TargetUid = 10 }], Stop);
        await Assert.ThrowsAsync<MailboxBusyException>(() => Store.OpenAsync(s_pair, Stop));
        Assert.Null(await Store.OpenRecordsAsync(s_pair with { Target = "imap://nobody@new.example:993" }, Stop));
    }

    [Fact]
    public async Task Records_come_back_as_written()
    {
        var folder = await FolderAsync();
        MessageRecord[] records =
        [
            Record(1) with
            {
                State = MessageState.Delivered,
                TargetUid = TargetUid.Max,
                IsOurs = true,
            },
            Record(2) with
            {
                State = MessageState.Failed,
                Reason = "too-large",
                Detail = "the server's\r\nwords ' \" 語",
                Size = long.MaxValue,
            },
            Record(3) with
            {
                State = MessageState.Sending,
                Intent = new AppendIntent(uint.MaxValue, 0),
            },
            Record(4) with
            {
                State = MessageState.Vanished,
                Content = null,
                Flags = FlagSet.None,
            },
            Record(5) with
            {
                Flags = FlagSet.Parse("\\Seen \\Deleted $Forwarded a.b:c"),
                InternalDate = new DateTimeOffset(1970, 1, 1, 0, 0, 0, TimeSpan.FromHours(5.5)),
            },
            Record(Uid.Max) with
            {
                InternalDate = new DateTimeOffset(2100, 12, 31, 23, 59, 59, TimeSpan.FromHours(-12)),
            },
        ];
        await AddAsync(folder, [.. records.Select(record => record.Uid)]);

        await _mailbox.WriteAsync(folder, records, Stop);

        var read = await ReadAllAsync(folder);
        Assert.Equal(records, read);
        Assert.Equal(records.Select(record => record.InternalDate.Offset), read.Select(record => record.InternalDate.Offset));
    }

    [Fact]
    public async Task Copies_that_are_ours_are_told_from_others_once_their_messages_are_gone()
    {
        var (folder, other) = (await FolderAsync(), await FolderAsync("other"));
        await AddAsync(folder, 1, 2, 3, 4, 5, 6);
        await AddAsync(other, 1);
        var ours = Record(1) with { State = MessageState.Delivered, TargetUid = 11, IsOurs = true };
        await _mailbox.WriteAsync(
            folder,
            [
                ours,
                Record(2) with
                {
                    State = MessageState.Delivered,
                    TargetUid = 12,
                },
                Record(3) with
                {
                    State = MessageState.Vanished,
                    IsOurs = true,
                },
                Record(4) with
                {
                    State = MessageState.Superseded,
                    TargetUid = 14,
                    IsOurs = true,
                },
                Record(5) with
                {
                    State = MessageState.Unchecked,
                    TargetUid = 15,
                    IsOurs = true,
                },
                Record(6) with
                {
                    State = MessageState.Unchecked,
                    TargetUid = 16,
                    IsOurs = true,
                },
            ],
            Stop
        );
        Assert.Equal([folder], (await _mailbox.FoldersOfFormerAsync(Stop)).Select(former => former.Id));

        await _mailbox.MarkVanishedAsync(folder, [1, 2, 6], Stop);

        Assert.Equal([1u, 4u, 6u], await FormerAsync(1, 10));
        Assert.Equal([4u], await FormerAsync(2, 1));
        var known = (await _mailbox.FoldersAsync(Stop)).Single(known => known.Id == folder);
        Assert.Equal(
            [(11, true), (12, false), (14, true), (16, true)],
            (await _mailbox.FormerCopiesAsync(known.Target, known.TargetUidValidity, Stop))
                .OrderBy(copy => copy.TargetUid)
                .Select(copy => ((int)copy.TargetUid.Uid.Value, copy.IsOurs))
        );
        Assert.Equal(ours with { State = MessageState.Vanished }, (await _mailbox.ReadFormerAsync(folder, 1, 1, Stop)).Single());

        // Listed again, it is a message that nobody delivered.
        await AddAsync(folder, 1);
        await _mailbox.ResetAsync(folder, null, Stop);

        Assert.Empty(await FormerAsync(1, 10));
        Assert.Empty(await _mailbox.FoldersOfFormerAsync(Stop));
        Assert.DoesNotContain(await ReadAllAsync(folder), record => record.IsOurs);

        async Task<IEnumerable<uint>> FormerAsync(uint from, int limit) =>
            (await _mailbox.ReadFormerAsync(folder, from, limit, Stop)).Select(record => record.Uid.Value);
    }

    [Fact]
    public async Task What_was_taken_back_is_recorded_apart_from_all_else()
    {
        var since = DateTimeOffset.FromUnixTimeSeconds(1_800_000_000);
        Assert.Equal(default, await _mailbox.PhaseAsync(Stop));
        var folder = await FolderAsync();
        await AddAsync(folder, 1, 2, 3);
        MessageRecord[] records =
        [
            Record(1) with
            {
                State = MessageState.Undoing,
                TargetUid = 11,
                Intent = new AppendIntent(7, 9),
                IsOurs = true,
            },
            Record(2) with
            {
                State = MessageState.Undone,
                TargetUid = 12,
                IsOurs = true,
            },
        ];
        await _mailbox.WriteAsync(folder, records, Stop);
        await _mailbox.SavePhaseAsync(new PhaseMark(MailboxPhase.Undone, since), Stop);
        await _mailbox.SaveUndonePlaceAsync(folder, s_odd, uint.MaxValue, Stop);
        var known = (await _mailbox.FoldersAsync(Stop)).Single();
        Assert.Equal(((FolderPath?)s_odd, (UidValidity)uint.MaxValue), (known.UndonePlace, known.UndoneUidValidity));

        // By those that know nothing of it.
        await _mailbox.SaveFolderAsync(known with { UndonePlace = null, UndoneUidValidity = 0, NextUid = 9 }, Stop);
        await AddAsync(folder, 1, 2);
        await _mailbox.RetireAsync(folder, uidsGivenAgain: true, Stop);

        Assert.Equal(records, await _mailbox.ReadAsync(folder, [MessageState.Undoing, MessageState.Undone], 1, 10, Stop));
        Assert.Empty(await _mailbox.DeliveredToAsync(known.Target, known.TargetUidValidity, 1, Stop));
        Assert.Empty(await _mailbox.OwnedAsync(known.Target, known.TargetUidValidity, Stop));
        Assert.Empty(await _mailbox.FoldersOfFormerAsync(Stop));
        // An earlier generation has a place as well.
        await _mailbox.SaveUndonePlaceAsync(folder, s_odd.Child("x"), 7, Stop);
        await _mailbox.DisposeAsync();
        await using (var read = await Store.OpenRecordsAsync(s_pair, Stop))
        {
            Assert.Equal(new PhaseMark(MailboxPhase.Undone, since), await read!.PhaseAsync(Stop));
            known = (await read.FoldersAsync(Stop)).Single();
            Assert.Equal(((FolderPath?)s_odd.Child("x"), (UidValidity)7), (known.UndonePlace, known.UndoneUidValidity));
        }
        _mailbox = await Store.OpenAsync(s_pair, Stop);
        await _mailbox.SavePhaseAsync(new PhaseMark(MailboxPhase.Open, null), Stop);
        Assert.Equal(default, await _mailbox.PhaseAsync(Stop));
    }

    [Fact]
    public async Task A_folder_that_is_renamed_keeps_its_records()
    {
        var folder = await FolderAsync();
        await AddAsync(folder, 1);
        var before = (await _mailbox.FoldersAsync(Stop)).Single();

        await _mailbox.RenameFolderAsync(folder, s_odd, s_odd.Child("y"), Stop);

        Assert.Equal(before with { Source = s_odd, Target = s_odd.Child("y") }, (await _mailbox.FoldersAsync(Stop)).Single());
        Assert.Equal(1u, (await ReadAllAsync(folder)).Single().Uid);
    }

    [Fact]
    public async Task Found_messages_are_added_once_and_advance_the_folder()
    {
        var folder = await FolderAsync();
        await AddAsync(folder, 1, 2);
        await _mailbox.WriteAsync(folder, [Record(2) with { State = MessageState.Delivered, TargetUid = 9 }], Stop);

        await AddAsync(folder, 2, 3);

        Assert.Equal(
            [MessageState.Found, MessageState.Delivered, MessageState.Found],
            (await ReadAllAsync(folder)).Select(record => record.State)
        );
        Assert.Equal(4u, (await _mailbox.FoldersAsync(Stop)).Single().NextUid);
    }

    [Fact]
    public async Task Reading_pages_by_UID_and_state()
    {
        var folder = await FolderAsync();
        await AddAsync(folder, [.. Enumerable.Range(1, 50).Select(uid => (uint)(uid * 2))]);
        await _mailbox.WriteAsync(
            folder,
            [Record(20) with { State = MessageState.Failed }, Record(22) with { State = MessageState.Delivered }],
            Stop
        );

        var page = await _mailbox.ReadAsync(folder, [MessageState.Found, MessageState.Failed], 17, 4, Stop);

        Assert.Equal([18u, 20u, 24u, 26u], page.Select(record => record.Uid));
        Assert.Equal([20u, 22u], await _mailbox.UidsAsync(folder, [MessageState.Delivered, MessageState.Failed], Stop));
        Assert.Empty(await _mailbox.ReadAsync(folder, [MessageState.Sending], 0, 10, Stop));
    }

    [Fact]
    public async Task A_write_with_an_unknown_UID_changes_nothing()
    {
        var folder = await FolderAsync();
        await AddAsync(folder, 1);

        await Assert.ThrowsAsync<CheckpointException>(() =>
            _mailbox.WriteAsync(folder, [Record(1) with { State = MessageState.Delivered }, Record(2)], Stop)
        );

        Assert.Equal(MessageState.Found, (await ReadAllAsync(folder)).Single().State);
    }

    [Fact]
    public async Task A_cancelled_call_changes_nothing()
    {
        var folder = await FolderAsync();
        await AddAsync(folder, 1);
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            _mailbox.WriteAsync(folder, [Record(1) with { State = MessageState.Delivered }], cancelled.Token)
        );
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _mailbox.AddFoundAsync(folder, [Summary(5)], 6, cancelled.Token));

        Assert.Equal(MessageState.Found, (await ReadAllAsync(folder)).Single().State);
    }

    [Fact]
    public async Task Delivered_copies_are_found_across_folders_and_generations()
    {
        var first = await FolderAsync(uidValidity: 1);
        var second = await FolderAsync(uidValidity: 2);
        var merged = await FolderAsync("Other");
        var elsewhere = await FolderAsync("Elsewhere", target: "Elsewhere");
        var earlierTarget = await FolderAsync("Earlier", targetUidValidity: 8);
        foreach (var (folder, uid) in new[] { (first, 1u), (second, 2u), (merged, 3u), (elsewhere, 4u), (earlierTarget, 5u) })
        {
            await AddAsync(folder, uid, uid + 10);
            await _mailbox.WriteAsync(folder, [Record(uid) with { State = MessageState.Delivered, TargetUid = uid + 100 }], Stop);
        }
        // What vanished without having been delivered is nowhere.
        await _mailbox.MarkVanishedAsync(first, [1, 11], Stop);

        var copies = await _mailbox.DeliveredToAsync(FolderPath.Inbox, 9, 1, Stop);

        Assert.Equal(
            [(101u, false), (102u, true), (103u, true)],
            copies.OrderBy(copy => copy.TargetUid).Select(copy => (copy.TargetUid, copy.Owned))
        );
        Assert.Equal(Record(3).Content, copies.Single(copy => copy.TargetUid == 103).Content);
        Assert.Equal(
            [102u, 103u],
            (await _mailbox.DeliveredToAsync(FolderPath.Inbox, 9, 102, Stop)).Select(copy => copy.TargetUid).Order()
        );
        Assert.Equal([102u, 103u], await _mailbox.OwnedAsync(FolderPath.Inbox, 9, Stop));
        Assert.Equal(copies.Where(copy => !copy.Owned), await _mailbox.FormerCopiesAsync(FolderPath.Inbox, 9, Stop));
    }

    [Fact]
    public async Task Two_messages_that_one_copy_belongs_to_own_it_once()
    {
        var (folder, merged) = (await FolderAsync(), await FolderAsync("Other"));
        foreach (var one in new[] { folder, merged })
        {
            await AddAsync(one, 1, 2);
            await _mailbox.WriteAsync(
                one,
                [
                    Record(1) with
                    {
                        State = MessageState.Unchecked,
                        TargetUid = 7,
                    },
                    Record(2) with
                    {
                        State = MessageState.Delivered,
                        TargetUid = 7,
                    },
                ],
                Stop
            );
        }
        // A former owner of the same copy takes nothing from the others.
        await _mailbox.MarkVanishedAsync(merged, [1], Stop);

        Assert.Equal([7u], await _mailbox.OwnedAsync(FolderPath.Inbox, 9, Stop));
        Assert.Equal([7u], (await _mailbox.FormerCopiesAsync(FolderPath.Inbox, 9, Stop)).Select(copy => copy.TargetUid));
    }

    [Fact]
    public async Task Records_are_counted_by_state_and_by_place_at_the_target()
    {
        var folder = await FolderAsync();
        await AddAsync(folder, 1, 2, 3, 4, 5, 6);
        await _mailbox.WriteAsync(
            folder,
            [
                Record(1) with
                {
                    State = MessageState.Delivered,
                    TargetUid = 10,
                },
                Record(2) with
                {
                    State = MessageState.Differs,
                    TargetUid = Uid.Max.Value,
                    Reason = "Flags",
                    Detail = "x",
                },
                // Where it is at the target, nobody knows.
                Record(3) with
                {
                    State = MessageState.Delivered,
                },
                Record(4) with
                {
                    State = MessageState.Failed,
                },
            ],
            Stop
        );
        await _mailbox.MarkVanishedAsync(folder, [5], Stop);

        Assert.Equal(3, await CountAsync(MessageStates.AtTarget, null));
        Assert.Equal(2, await CountAsync(MessageStates.Pending, null));
        Assert.Equal(2, await CountAsync(MessageStates.AtTarget, [new UidRange(Uid.Min, Uid.Max)]));
        Assert.Equal(1, await CountAsync(MessageStates.AtTarget, [new UidRange(1, 9), new UidRange(10, 11)]));
        Assert.Equal(0, await CountAsync(MessageStates.AtTarget, []));
        Assert.Equal(0, await CountAsync([MessageState.Differs], [new UidRange(10, 10)]));

        Task<int> CountAsync(IReadOnlyList<MessageState> states, IReadOnlyList<UidRange>? atTarget) =>
            _mailbox.CountAsync(folder, states, atTarget, Stop);
    }

    [Fact]
    public async Task Folders_are_found_by_either_path()
    {
        var first = await FolderAsync(uidValidity: 1);
        var second = await FolderAsync(uidValidity: 2, target: "Elsewhere");
        var merged = await FolderAsync("Other");
        await FolderAsync("Third", target: "Third");

        Assert.Equal([first, second, merged], (await FoldersAsync("Source", "INBOX")).Select(folder => folder.Id));
        Assert.Equal([second, merged], (await FoldersAsync("Other", "Elsewhere")).Select(folder => folder.Id));
        Assert.Empty(await FoldersAsync("INBOX", "Source"));

        Task<IReadOnlyList<FolderCheckpoint>> FoldersAsync(string source, string target) =>
            _mailbox.FoldersAsync(FolderPath.Parse(source), FolderPath.Parse(target), Stop);
    }

    [Fact]
    public async Task What_vanished_keeps_where_it_was_and_is_found_again_when_it_is_listed_again()
    {
        var folder = await FolderAsync();
        await AddAsync(folder, 1, 2);
        var delivered = Record(1) with { State = MessageState.Delivered, TargetUid = 4 };
        await _mailbox.WriteAsync(
            folder,
            [delivered, Record(2) with { State = MessageState.Sending, Intent = new AppendIntent(1, 2) }],
            Stop
        );

        await _mailbox.MarkVanishedAsync(folder, [1, 2], Stop);
        Assert.Equal(
            [delivered with { State = MessageState.Vanished }, Record(2) with { State = MessageState.Vanished }],
            await ReadAllAsync(folder)
        );

        await AddAsync(folder, 1);
        Assert.Equal([Record(1), Record(2) with { State = MessageState.Vanished }], await ReadAllAsync(folder));
    }

    [Fact]
    public async Task A_retired_folder_owns_nothing_and_is_not_complete()
    {
        var folder = (
            await _mailbox.SaveFolderAsync(
                new FolderCheckpoint(0, FolderPath.Parse("Source"), 1, 1, FolderPath.Inbox, 9, new FolderState(1, 2, 3, 4), null, 0),
                Stop
            )
        );
        await AddAsync(folder.Id, 1);
        await _mailbox.WriteAsync(folder.Id, [Record(1) with { State = MessageState.Delivered, TargetUid = 4 }], Stop);

        await _mailbox.RetireAsync(folder.Id, uidsGivenAgain: false, Stop);

        var copy = (await _mailbox.DeliveredToAsync(FolderPath.Inbox, 9, 1, Stop)).Single();
        Assert.Equal((4u, false, true), (copy.TargetUid, copy.Owned, copy.Superseded));
        Assert.Null((await _mailbox.FoldersAsync(Stop)).Single().Completed);
        // The same numbering may come back.
        await AddAsync(folder.Id, 1);
        Assert.Equal([Record(1)], await ReadAllAsync(folder.Id));
    }

    [Fact]
    public async Task A_generation_whose_UIDs_were_given_again_gives_way_to_the_next_one()
    {
        for (var generation = 1u; generation <= 3; generation++)
        {
            var folder = await FolderAsync();
            await AddAsync(folder, 1);
            Assert.Equal([MessageState.Found], (await ReadAllAsync(folder)).Select(record => record.State));
            await _mailbox.WriteAsync(folder, [Record(1) with { State = MessageState.Unchecked, TargetUid = generation }], Stop);

            await _mailbox.RetireAsync(folder, uidsGivenAgain: true, Stop);
        }

        Assert.Equal([0u, 0u, 0u], (await _mailbox.FoldersAsync(Stop)).Select(folder => folder.UidValidity));
        Assert.Equal(
            [1u, 2u, 3u],
            (await _mailbox.DeliveredToAsync(FolderPath.Inbox, 9, 1, Stop))
                .Where(copy => copy is { Owned: false, Superseded: true })
                .Select(copy => copy.TargetUid)
                .Order()
        );
    }

    [Fact]
    public async Task What_the_target_stores_is_known_where_somebody_looked()
    {
        var folder = await FolderAsync();
        var altered = ContentId.Of("altered"u8);
        await AddAsync(folder, 1, 2, 3, 4, 5);
        await _mailbox.WriteAsync(
            folder,
            [
                Record(1) with
                {
                    State = MessageState.Delivered,
                    TargetUid = 1,
                },
                Record(2) with
                {
                    State = MessageState.Unchecked,
                    TargetUid = 2,
                },
                Record(3) with
                {
                    State = MessageState.Differs,
                    TargetUid = 3,
                    Reason = "Flags",
                    Detail = "x",
                },
                Record(4) with
                {
                    State = MessageState.Differs,
                    TargetUid = 4,
                    Reason = "Content,Flags",
                    Detail = "x\ny",
                    TargetContent = altered,
                },
                Record(5) with
                {
                    State = MessageState.Differs,
                    TargetUid = 5,
                    Reason = "Content",
                    Detail = "x",
                },
            ],
            Stop
        );

        var copies = (await _mailbox.DeliveredToAsync(FolderPath.Inbox, 9, 1, Stop)).OrderBy(copy => copy.TargetUid).ToList();

        Assert.All(copies, copy => Assert.True(copy.Owned));
        Assert.Equal([Record(1).Content, null, Record(3).Content, altered, null], copies.Select(copy => copy.Stored));
        Assert.Equal(altered, (await ReadAllAsync(folder))[3].TargetContent);
    }

    [Fact]
    public async Task Reset_makes_everything_found_again_and_keeps_content_ids()
    {
        var folder = await FolderAsync();
        await AddAsync(folder, 1, 2, 3);
        await _mailbox.WriteAsync(
            folder,
            [
                Record(1) with
                {
                    State = MessageState.Delivered,
                    TargetUid = 4,
                },
                Record(2) with
                {
                    State = MessageState.Sending,
                    Intent = new AppendIntent(1, 2),
                },
                Record(3) with
                {
                    State = MessageState.Failed,
                    Reason = "x",
                    Detail = "y",
                },
            ],
            Stop
        );

        await _mailbox.ResetAsync(folder, null, Stop);

        Assert.Equal([Record(1), Record(2), Record(3)], await ReadAllAsync(folder));
    }

    [Fact]
    public async Task Reset_keeps_in_mind_what_may_be_anywhere_in_a_target_that_was_renumbered()
    {
        var folder = await FolderAsync();
        await AddAsync(folder, 1, 2, 3, 4, 5);
        var intent = new AppendIntent(1, 2);
        await _mailbox.WriteAsync(
            folder,
            [
                Record(1) with
                {
                    State = MessageState.Delivered,
                    TargetUid = 4,
                },
                Record(2) with
                {
                    State = MessageState.Sending,
                    Intent = intent,
                },
                Record(3) with
                {
                    State = MessageState.Failed,
                    Reason = "x",
                    Detail = "y",
                    Intent = intent,
                },
                Record(4) with
                {
                    State = MessageState.Failed,
                    Reason = "x",
                    Detail = "y",
                },
                Record(5) with
                {
                    State = MessageState.Unchecked,
                    TargetUid = 5,
                },
            ],
            Stop
        );

        await _mailbox.ResetAsync(folder, 9, Stop);

        var sent = new AppendIntent(9, 0);
        Assert.Equal(
            [
                Record(1),
                Record(2) with
                {
                    State = MessageState.Sending,
                    Intent = sent,
                },
                Record(3) with
                {
                    State = MessageState.Sending,
                    Intent = sent,
                },
                Record(4),
                Record(5) with
                {
                    State = MessageState.Sending,
                    Intent = sent,
                },
            ],
            await ReadAllAsync(folder)
        );
    }

    [Fact]
    public async Task Forget_removes_a_folder_and_nothing_else()
    {
        var (gone, kept) = (await FolderAsync("Gone"), await FolderAsync("Kept"));
        await AddAsync(gone, 1);
        await AddAsync(kept, 1);

        await _mailbox.DeleteFolderAsync(gone, Stop);

        Assert.Equal([kept], (await _mailbox.FoldersAsync(Stop)).Select(folder => folder.Id));
        Assert.Single(await ReadAllAsync(kept));
        Assert.True(await FolderAsync("Gone") > kept);
    }

    [Fact]
    public async Task A_mailbox_has_one_holder_and_the_next_one_finds_everything()
    {
        var folder = await FolderAsync();
        await AddAsync(folder, 1);
        await Assert.ThrowsAsync<MailboxBusyException>(() => Store.OpenAsync(s_pair, Stop));

        await CloseAsync();
        await InitializeAsync();

        Assert.Single(await ReadAllAsync(folder));
    }

    [Fact]
    public async Task Mailboxes_do_not_see_each_other_and_may_be_written_at_once()
    {
        await using var other = await Store.OpenAsync(s_pair with { Target = "imap://bob@new.example:993" }, Stop);
        Assert.Empty(await other.FoldersAsync(Stop));

        await Task.WhenAll(WriteManyAsync(_mailbox), WriteManyAsync(other));

        Assert.Equal(
            500,
            (await _mailbox.UidsAsync((await _mailbox.FoldersAsync(Stop)).Single().Id, [MessageState.Delivered], Stop)).Count
        );
        Assert.Equal(500, (await other.UidsAsync((await other.FoldersAsync(Stop)).Single().Id, [MessageState.Delivered], Stop)).Count);

        static async Task WriteManyAsync(IMailboxCheckpoint mailbox)
        {
            var folder = (
                await mailbox.SaveFolderAsync(new FolderCheckpoint(0, FolderPath.Inbox, 1, 1, FolderPath.Inbox, 9, null, null, 0), Stop)
            ).Id;
            // From several tasks, as session pairs do.
            await Task.WhenAll(
                Enumerable
                    .Range(0, 50)
                    .Select(async batch =>
                    {
                        var uids = Enumerable.Range((batch * 10) + 1, 10).Select(uid => (uint)uid).ToList();
                        await mailbox.AddFoundAsync(folder, [.. uids.Select(uid => Summary(uid))], 501, Stop);
                        await mailbox.WriteAsync(
                            folder,
                            [.. uids.Select(uid => Record(uid) with { State = MessageState.Delivered, TargetUid = uid })],
                            Stop
                        );
                    })
            );
        }
    }

    private async Task CloseAsync()
    {
        await _mailbox.DisposeAsync();
        await Store.DisposeAsync();
    }

    private static MessageSummary Summary(Uid uid) =>
        new(uid, 100, FlagSet.Parse("\\Seen"), DateTimeOffset.UnixEpoch.AddDays(uid.Value % 1000));

    private static MessageRecord Record(Uid uid) =>
        new(
            uid,
            MessageState.Found,
            ContentId.Of(BitConverter.GetBytes(uid.Value)),
            100,
            FlagSet.Parse("\\Seen"),
            DateTimeOffset.UnixEpoch.AddDays(uid.Value % 1000)
        );

    private async Task<long> FolderAsync(
        string source = "Source",
        uint uidValidity = 1,
        string target = "INBOX",
        uint targetUidValidity = 9
    ) =>
        (
            await _mailbox.SaveFolderAsync(
                new FolderCheckpoint(
                    0,
                    FolderPath.Parse(source),
                    uidValidity,
                    1,
                    FolderPath.Parse(target),
                    targetUidValidity,
                    null,
                    null,
                    0
                ),
                Stop
            )
        ).Id;

    private Task AddAsync(long folder, params Uid[] uids) =>
        _mailbox.AddFoundAsync(folder, [.. uids.Select(uid => Summary(uid))], uids[^1] == Uid.Max ? Uid.Max : uids[^1].Next, Stop);

    private Task<IReadOnlyList<MessageRecord>> ReadAllAsync(long folder) =>
        _mailbox.ReadAsync(folder, Enum.GetValues<MessageState>(), 0, 1000, Stop);
}
