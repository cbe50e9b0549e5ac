using Migrator.Core.Failures;
using Migrator.Core.Mail;
using Xunit;

namespace Migrator.Tests.Conformance.Targets;

/// <summary>Flags, moving, removing.</summary>
public abstract partial class MailTargetConformance
{
    [Fact]
    public async Task Flags_are_added_and_removed_where_they_are_to_be_and_the_same_again_changes_nothing()
    {
        await FillAsync(4);
        var session = await OpenAsync();
        var uids = TargetUid.Of(await session.ListUidsAsync(0, Stop));
        await session.StoreFlagsAsync(uids, FlagSet.Parse("\\Seen \\Flagged"), FlagSet.None, Stop);

        for (var time = 0; time < 2; time++)
            await session.StoreFlagsAsync(
                [uids[2], uids[1], uids[^1].Uid.Value + 9],
                FlagSet.Parse("\\Answered later"),
                FlagSet.Parse("\\Flagged \\Draft"),
                Stop
            );
        await session.StoreFlagsAsync(uids, FlagSet.None, FlagSet.None, Stop);
        await session.StoreFlagsAsync([], FlagSet.Parse("\\Deleted"), FlagSet.None, Stop);

        var (kept, changed) = (FlagSet.Parse("\\Seen \\Flagged"), FlagSet.Parse("\\Seen \\Answered later"));
        Assert.Equal([kept, changed, changed, kept], (await MessagesAsync()).Select(message => FlagSet.Parse(message.Flags)));
        Assert.Equal(
            [kept, changed, changed, kept],
            (await session.FetchFlagsAsync([.. uids.Select(uid => uid.Uid)], 0, Stop))
                .OrderBy(flags => flags.Uid)
                .Select(flags => flags.Flags)
        );
    }

    [Fact]
    public async Task Flags_that_the_folder_keeps_are_among_those_that_are_asked_about()
    {
        var session = await OpenAsync();
        var asked = FlagSet.Parse("\\Seen \\Answered \\Flagged \\Deleted \\Draft $Forwarded later");

        var kept = session.FilterPermanentFlags(asked);

        Assert.Empty(kept.Except(asked).Flags);
        Assert.Superset(new HashSet<string>(["\\Seen", "\\Flagged"]), kept.Flags.ToHashSet());
        Assert.True(session.FilterPermanentFlags(FlagSet.None).IsEmpty);
    }

    [Fact]
    public async Task Exactly_what_is_named_is_removed_whatever_else_is_marked_as_deleted()
    {
        await FillAsync(6);
        var session = await OpenAsync();
        var uids = TargetUid.Of(await session.ListUidsAsync(0, Stop));
        await using (var imap = await Mailbox.LogInAsync())
            await imap.StoreAsync("INBOX", $"{uids[0]},{uids[4]}", "+FLAGS (\\Deleted)");
        var before = await Mailbox.ViewAsync();
        TargetUid[] named = [uids[3], uids[1], uids[^1].Uid.Value + 9];

        if (!RemovesSingleMessages)
        {
            Assert.Equal(
                FailureScope.Folder,
                (await Assert.ThrowsAsync<MailException>(() => session.RemoveAsync(named, Stop))).Reason.Scope
            );
            Assert.Equal(before, await Mailbox.ViewAsync());
            return;
        }
        for (var time = 0; time < 2; time++)
            await session.RemoveAsync(named, Stop);
        await session.RemoveAsync([], Stop);

        Assert.Equal([0, 2, 4, 5], await NumbersAsync());
        Assert.Equal([uids[0], uids[2], uids[4], uids[5]], TargetUid.Of(await session.ListUidsAsync(0, Stop)));
    }

    [Fact]
    public async Task Exactly_what_is_named_is_moved_with_its_flags_and_the_same_again_moves_nothing()
    {
        await FillAsync(5);
        var session = await ConnectAsync();
        await session.CreateFolderAsync(s_work, SpecialUse.None, Stop);
        await session.OpenAsync(FolderPath.Inbox, Stop);
        var uids = TargetUid.Of(await session.ListUidsAsync(0, Stop));
        await session.StoreFlagsAsync([uids[1]], FlagSet.Parse("\\Flagged"), FlagSet.None, Stop);
        await session.StoreFlagsAsync([uids[4]], FlagSet.Parse("\\Deleted"), FlagSet.None, Stop);
        var before = await Mailbox.ViewAsync();
        TargetUid[] named = [uids[3], uids[1], uids[^1].Uid.Value + 9];

        if (!RemovesSingleMessages)
        {
            Assert.Equal(
                Reason.FolderRefused,
                (await Assert.ThrowsAsync<MailException>(() => session.MoveAsync(named, s_work, Stop))).Reason
            );
            Assert.Equal(before, await Mailbox.ViewAsync());
            return;
        }
        for (var time = 0; time < 2; time++)
            await session.MoveAsync(named, s_work, Stop);
        Assert.Equal(
            Reason.FolderMissing,
            (await Assert.ThrowsAsync<MailException>(() => session.MoveAsync([uids[0]], FolderPath.Parse("Missing"), Stop))).Reason
        );

        Assert.Equal([0, 2, 4], await NumbersAsync());
        Assert.Equal([1, 3], await NumbersAsync(s_work));
        Assert.Equal(["\\Flagged", ""], (await Mailbox.ContentAsync()).Folders[Mailbox.Name(s_work)].Select(message => message.Flags));
    }

    [Fact]
    public async Task What_a_target_writes_another_session_reads()
    {
        var session = await OpenAsync();
        await AppendAsync(session, Letter(1, "\\Seen"), Letter(2));
        await using var source = await Mailbox.ConnectAsync();
        await source.OpenAsync(FolderPath.Inbox, Stop);

        var (here, there) = (
            await session.FetchSummariesAsync(await session.ListUidsAsync(0, Stop), Stop),
            await source.FetchSummariesAsync(await source.ListUidsAsync(0, Stop), Stop)
        );

        Assert.Equal(2, here.Count);
        Assert.Equal(here, there);
    }

    [Fact]
    public async Task A_call_that_is_cancelled_before_it_begins_changes_nothing()
    {
        await FillAsync(2);
        var before = await Mailbox.ViewAsync();
        var cancelled = new CancellationToken(canceled: true);
        Func<IMailTarget, Task>[] calls =
        [
            session => session.CreateFolderAsync(s_work, SpecialUse.None, cancelled),
            session => session.RefusedInNamesAsync(['%'], cancelled),
            session => session.FoldsCaseAsync(s_work, cancelled),
            session => session.StoreFlagsAsync([1], FlagSet.Parse("\\Seen"), FlagSet.None, cancelled),
            session => session.RemoveAsync([1], cancelled),
            session => session.MoveAsync([1], FolderPath.Inbox, cancelled),
        ];

        foreach (var call in calls.Take(RemovesSingleMessages ? calls.Length : 4))
        {
            var session = await OpenAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call(session));
        }

        Assert.Equal(before, await Mailbox.ViewAsync());
    }
}
