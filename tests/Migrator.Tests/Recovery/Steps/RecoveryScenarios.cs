using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Migrator.Core.Archives;
using Migrator.Core.Backups;
using Migrator.Core.Folders;
using Migrator.Core.Following;
using Migrator.Core.Jobs;
using Migrator.Core.Mail;
using Migrator.Core.Progress;
using Migrator.Tests.Archives;
using Migrator.Tests.Memory;
using Xunit;
using static Migrator.Tests.Recovery.Steps.RecoveryWorld;

namespace Migrator.Tests.Recovery.Steps;

/// <summary>What two mailboxes are like when a run begins that fails.</summary>
internal static class RecoveryScenarios
{
    public static readonly IReadOnlyDictionary<string, Func<RecoveryWorld, Task>> All = new Dictionary<string, Func<RecoveryWorld, Task>>
    {
        ["one by one"] = world => FillAsync(world),
        ["batches"] = world => FillAsync(world, mailbox => new MemoryMailTarget(mailbox) { MaxBatch = 4 }),
        ["a pipeline"] = world => FillAsync(world, mailbox => new MemoryMailTarget(mailbox) { MaxBatch = 64, IsPipelined = true }),
        ["no UIDPLUS"] = world => FillAsync(world, mailbox => new MemoryMailTarget(mailbox) { MaxBatch = 4, NamesUids = false }),
        ["mod-sequences"] = world => FillAsync(world, mailbox => new MemoryMailTarget(mailbox) { MaxBatch = 4, KeepsModSeqs = true }),
        ["several connections"] = SeveralConnectionsAsync,
        ["merged folders"] = MergedAsync,
        ["more mail"] = MoreAsync,
        ["other flags"] = FlagsAsync,
        ["messages left out"] = world => LeftOutAsync(world, wider: false),
        ["wider rules"] = world => LeftOutAsync(world, wider: true),
        ["newest first"] = NewestFirstAsync,
        ["a renumbered source"] = world => RenumberedSourceAsync(world, afterFailure: false),
        ["a source that is renumbered after the failure"] = world => RenumberedSourceAsync(world, afterFailure: true),
        ["a renumbered target"] = world => RenumberedTargetAsync(world, afterFailure: false),
        ["a target that is renumbered after the failure"] = world => RenumberedTargetAsync(world, afterFailure: true),
        ["a target folder that was recreated"] = RecreatedTargetAsync,
        ["a renamed folder"] = world => RenamedAsync(world, afterFailure: false),
        ["a folder that is renamed after the failure"] = world => RenamedAsync(world, afterFailure: true),
        ["moved mail"] = MovedAsync,
        ["a renamed folder that is followed"] = FollowedRenameAsync,
        ["moved mail that is followed"] = world => FollowedAsync(world, namesUids: true),
        ["moved mail that is followed, no UIDPLUS"] = world => FollowedAsync(world, namesUids: false),
        ["shared mail"] = SharedAsync,
        ["shared twins"] = SharedTwinsAsync,
        ["POP3"] = world => Pop3Async(world, rule: false),
        ["POP3 and a rule of the target"] = world => Pop3Async(world, rule: true),
        ["restore what is missing"] = world => RestoreAsync(world, RestoreMode.Missing),
        ["restore twins"] = world => RestoreAsync(world, RestoreMode.Missing, SharedTwinsAsync),
        ["restore beside"] = world => RestoreAsync(world, RestoreMode.Side),
        ["restore exactly"] = world => RestoreAsync(world, RestoreMode.Exact),
        ["a rule of the target"] = world => RuleAsync(world, namesUids: true),
        ["a rule of the target, no UIDPLUS"] = world => RuleAsync(world, namesUids: false),
    };

    /// <summary>Each of their steps concerns one message, and none can be half done.</summary>
    public static readonly IReadOnlySet<string> OneByOne = new HashSet<string>
    {
        "one by one",
        "a rule of the target",
        "a rule of the target, no UIDPLUS",
    };

    /// <summary>Twins, the same bytes with other flags or another date, mail of others, and copies that another tool brought.</summary>
    private static Task FillAsync(RecoveryWorld world, Func<MemoryMailSource, MemoryMailTarget>? target = null)
    {
        world.OpenTarget = target ?? world.OpenTarget;
        var inbox = world.Source.Add("INBOX", SpecialUse.Inbox);
        inbox.Add(Letter(1), "\\Seen", Day(1));
        inbox.Add(Letter(2), "", Day(2));
        inbox.Add(Letter(2), "", Day(2));
        inbox.Add(Letter(2), "\\Flagged $Label", Day(2));
        inbox.Add(Letter(2), "", Day(3));
        inbox.Add(Letter(3), "\\Answered", Day(3));
        var work = world.Source.Add("Work", uidValidity: 2);
        work.Add(Letter(2), "", Day(2));
        work.Add(Letter(4), "\\Draft", Day(4));
        world.Source.Add("Empty", uidValidity: 3);
        world.AddStranger("INBOX", Letter(90), "\\Seen", Day(90));
        world.AddStranger("Work", Letter(1), "", Day(1));
        world.AddStranger("Other", Letter(2), "", Day(2));
        if (world.OpenTarget(world.Target).KeepsModSeqs)
        {
            foreach (var folder in world.Source.Folders.Concat(world.Target.Folders))
                folder.HighestModSeq = 5;
        }
        return Task.CompletedTask;
    }

    private static async Task SeveralConnectionsAsync(RecoveryWorld world)
    {
        await FillAsync(world, mailbox => new MemoryMailTarget(mailbox) { MaxBatch = 4 });
        world.Options = world.Options with { Connections = 3 };
    }

    private static Task MergedAsync(RecoveryWorld world)
    {
        world.OpenTarget = mailbox => new MemoryMailTarget(mailbox) { MaxBatch = 4 };
        world.Folders = FolderRules.All with { Rename = new Dictionary<string, string> { ["B"] = "A" } };
        world.PlaceOf = folder => folder == FolderPath.Parse("B") ? FolderPath.Parse("A") : folder;
        var (a, b) = (world.Source.Add("A"), world.Source.Add("B", uidValidity: 2));
        foreach (var folder in new[] { a, b })
        {
            folder.Add(Letter(1), "\\Seen", Day(1));
            folder.Add(Letter(2), "", Day(2));
        }
        b.Add(Letter(2), "\\Seen", Day(2));
        b.Add(Letter(3), "", Day(3));
        world.AddStranger("A", Letter(90), "", Day(90));
        return Task.CompletedTask;
    }

    /// <summary>A second run that has something to bring, and something that was removed at either end.</summary>
    private static async Task MoreAsync(RecoveryWorld world)
    {
        await FillAsync(world, mailbox => new MemoryMailTarget(mailbox) { MaxBatch = 4 });
        await world.CopyAsync();
        var inbox = Find(world.Source, "INBOX")!;
        // Deletions at the source are not followed.
        world.Keep("INBOX", Letter(1), "\\Seen", Day(1));
        inbox.Messages.Remove(1);
        inbox.Add(Letter(2), "", Day(2));
        inbox.Add(Letter(5), "\\Seen", Day(5));
        world.Source.Add("New", uidValidity: 9).Add(Letter(6), "", Day(6));
    }

    private static async Task FlagsAsync(RecoveryWorld world)
    {
        await FillAsync(world);
        await world.CopyAsync();
        var inbox = Find(world.Source, "INBOX")!;
        Set(inbox, 1, "");
        Set(inbox, 2, "\\Seen");
        Set(inbox, 4, "\\Seen $Label");
        Set(inbox, 5, "\\Seen");
        inbox.Add(Letter(5), "", Day(5));
        Set(Find(world.Source, "Work")!, 2, "\\Answered");
    }

    /// <summary>By flags and dates: what is left out is recorded, and judged again when the rules change.</summary>
    private static async Task LeftOutAsync(RecoveryWorld world, bool wider)
    {
        await FillAsync(world, mailbox => new MemoryMailTarget(mailbox) { MaxBatch = 4 });
        world.Messages = new() { WithoutFlags = ["\\Flagged"], ReceivedAfter = new(Day(2), null) };
        if (wider)
        {
            await world.CopyAsync();
            world.Messages = new() { ReceivedBefore = new(Day(4), null) };
        }
        var all = world.Wanted;
        world.Wanted = () =>
            all().Where(pair => wider || (pair.Message.InternalDate >= Day(2) && !pair.Message.Flags.Contains("\\Flagged")));
    }

    private static async Task NewestFirstAsync(RecoveryWorld world)
    {
        await FillAsync(world, mailbox => new MemoryMailTarget(mailbox) { MaxBatch = 4 });
        world.Messages = new() { NewestFirst = true };
    }

    private static async Task RenumberedSourceAsync(RecoveryWorld world, bool afterFailure)
    {
        await FillAsync(world, mailbox => new MemoryMailTarget(mailbox) { MaxBatch = 4 });
        if (afterFailure)
            world.AfterFailure = Renumber;
        else
        {
            await world.CopyAsync();
            Renumber();
        }

        void Renumber()
        {
            RecoveryWorld.Renumber(world.Source, "INBOX", 77, 11);
            foreach (var number in new[] { 5, 6 })
                Find(world.Source, "INBOX")!.Add(Letter(number), "", Day(number));
        }
    }

    private static async Task RenumberedTargetAsync(RecoveryWorld world, bool afterFailure)
    {
        // Mail of others gets other UIDs too: none here.
        world.OpenTarget = mailbox => new MemoryMailTarget(mailbox) { MaxBatch = 4 };
        var inbox = world.Source.Add("INBOX", SpecialUse.Inbox);
        inbox.Add(Letter(1), "\\Seen", Day(1));
        inbox.Add(Letter(2), "", Day(2));
        inbox.Add(Letter(2), "", Day(2));
        inbox.Add(Letter(2), "\\Flagged", Day(3));
        world.Target.Add("INBOX", SpecialUse.Inbox, uidValidity: 50);
        if (afterFailure)
            world.AfterFailure = Renumber;
        else
        {
            await world.CopyAsync();
            Renumber();
            inbox.Add(Letter(3), "", Day(3));
            inbox.Add(Letter(4), "", Day(4));
        }

        void Renumber() => RecoveryWorld.Renumber(world.Target, "INBOX", 78, 21);
    }

    /// <summary>It is empty, and its messages come a second time.</summary>
    private static async Task RecreatedTargetAsync(RecoveryWorld world)
    {
        await RenumberedTargetAsync(world, afterFailure: false);
        Renumber(world.Target, "INBOX", 79, 1, message => message.Flags.Contains("\\Seen"));
    }

    private static async Task RenamedAsync(RecoveryWorld world, bool afterFailure)
    {
        world.OpenTarget = mailbox => new MemoryMailTarget(mailbox) { MaxBatch = 4 };
        world.Folders = FolderRules.All with
        {
            Rename = new Dictionary<string, string> { ["Sent Items"] = "Out", ["Gesendet"] = "Out" },
        };
        world.PlaceOf = _ => FolderPath.Parse("Out");
        var sent = world.Source.Add("Sent Items");
        foreach (var number in new[] { 1, 2, 2, 3 })
            sent.Add(Letter(number), "\\Seen", Day(number));
        world.AddStranger("Out", Letter(90), "", Day(90));
        if (afterFailure)
            world.AfterFailure = Rename;
        else
        {
            await world.CopyAsync();
            Rename();
        }

        void Rename()
        {
            Renumber(world.Source, "Sent Items", 1, 1, name: "Gesendet");
            foreach (var number in new[] { 4, 5 })
                Find(world.Source, "Gesendet")!.Add(Letter(number), "", Day(number));
        }
    }

    /// <summary>Between folders of one target folder, and between others.</summary>
    private static async Task MovedAsync(RecoveryWorld world)
    {
        await MergedAsync(world);
        var c = world.Source.Add("C", uidValidity: 3);
        c.Add(Letter(7), "", Day(7));
        c.Add(Letter(8), "", Day(8));
        await world.CopyAsync();
        var (a, b) = (Find(world.Source, "A")!, Find(world.Source, "B")!);
        a.Messages.Remove(1);
        b.Add(Letter(1), "\\Seen", Day(1));
        // What was delivered stays where it was.
        foreach (var message in c.Messages.Values)
        {
            a.Add(message.Bytes, "", message.InternalDate);
            world.Keep("C", message.Bytes, "", message.InternalDate);
        }
        c.LastUid = 2;
        c.Messages.Clear();
    }

    /// <summary>Messages that were moved, one of them with another flag, and others that were deleted, one of them a twin.</summary>
    private static async Task FollowedAsync(RecoveryWorld world, bool namesUids)
    {
        world.OpenTarget = mailbox => new MemoryMailTarget(mailbox) { MaxBatch = 4, NamesUids = namesUids };
        world.Follow = new FollowRules { Deletions = DeletionMode.Expunge };
        world.Options = world.Options with { AllowDeletions = true };
        var inbox = world.Source.Add("INBOX", SpecialUse.Inbox);
        foreach (var number in new[] { 1, 2, 2, 3, 4, 5 })
            inbox.Add(Letter(number), "\\Seen", Day(number));
        var work = world.Source.Add("Work", uidValidity: 2);
        foreach (var number in new[] { 6, 7, 8 })
            work.Add(Letter(number), "", Day(number));
        world.AddStranger("INBOX", Letter(90), "", Day(90));
        world.AddStranger("Work", Letter(91), "", Day(91));
        await world.CopyAsync();
        foreach (var (from, uid, to, flags) in new[] { (inbox, 1u, work, "\\Flagged"), (inbox, 4u, work, "\\Seen"), (work, 1u, inbox, "") })
        {
            to.Add(from.Messages[uid].Bytes, flags, from.Messages[uid].InternalDate);
            from.Messages.Remove(uid);
        }
        inbox.Messages.Remove(2);
        inbox.Messages.Remove(5);
        work.Messages.Remove(2);
    }

    private static async Task FollowedRenameAsync(RecoveryWorld world)
    {
        world.OpenTarget = mailbox => new MemoryMailTarget(mailbox) { MaxBatch = 4 };
        world.Follow = FollowRules.Default;
        foreach (var (name, first) in new[] { ("Work", 1), ("Work/Sub", 5), ("Other", 9) })
        {
            var folder = world.Source.Add(name, uidValidity: 2);
            foreach (var number in new[] { first, first + 1, first + 1 })
                folder.Add(Letter(number), "\\Seen", Day(number));
        }
        await world.CopyAsync();
        Renumber(world.Source, "Work", 2, 1, name: "Projects");
        Renumber(world.Source, "Work/Sub", 2, 1, name: "Projects/Sub");
        foreach (var folder in new[] { "Projects", "Projects/Sub" })
        {
            foreach (var number in new[] { 20, 21, 22 })
                Find(world.Source, folder)!.Add(Letter(number), "", Day(number));
        }
        world.Invariant = () =>
        {
            // UIDs of what was delivered stay, whichever name the folder has.
            var folder = Find(world.Target, "Projects/Sub") ?? Find(world.Target, "Work/Sub");
            Assert.Equal(Letter(5), folder?.Messages[1].Bytes);
        };
    }

    private static Task SharedAsync(RecoveryWorld world)
    {
        world.Source = new MemoryMailSource { IdentifiesMessages = true };
        world.OpenTarget = mailbox => new MemoryMailTarget(mailbox) { MaxBatch = 4 };
        foreach (var path in new[] { "INBOX", "Archive", "Work" })
        {
            var folder = world.Source.Add(path, uidValidity: 1 + (uint)world.Source.Folders.Count);
            foreach (var number in new[] { 1, 2, 3, 4, 5, 6 })
                folder.Add(Letter(number), path == "Work" && number == 3 ? "\\Seen" : "", Day(number));
            folder.Add(Letter(6), "", Day(6));
        }
        Find(world.Source, "Archive")!.Add(Letter(8), "", Day(8));
        world.AddStranger("INBOX", Letter(90), "", Day(90));
        world.AddStranger("Archive", Letter(91), "", Day(91));
        return Task.CompletedTask;
    }

    /// <summary>The same bytes with other flags in one folder, where the first of them is copied from another folder: it is sent after the
    /// second, which is fetched.</summary>
    private static Task SharedTwinsAsync(RecoveryWorld world)
    {
        world.Source = new MemoryMailSource { IdentifiesMessages = true };
        world.OpenTarget = mailbox => new MemoryMailTarget(mailbox) { MaxBatch = 4 };
        world.Options = world.Options with { Connections = 3 };
        var inbox = world.Source.Add("INBOX", SpecialUse.Inbox);
        foreach (var number in new[] { 2, 3, 1 })
            inbox.Add(Letter(number), "", Day(number));
        var work = world.Source.Add("Work", uidValidity: 2);
        work.Add(Letter(1), "\\Flagged \\Seen", Day(1));
        work.Add(Letter(1), "", Day(1));
        return Task.CompletedTask;
    }

    private static Task RuleAsync(RecoveryWorld world, bool namesUids)
    {
        var lists = FolderPath.Parse("Lists");
        world.Rule = bytes => bytes.AsSpan().SequenceEqual(Letter(2)) || bytes.AsSpan().SequenceEqual(Letter(4)) ? lists : null;
        world.MayDouble = true;
        world.OpenTarget = mailbox => new MemoryMailTarget(mailbox) { NamesUids = namesUids, Rule = world.Rule };
        var inbox = world.Source.Add("INBOX", SpecialUse.Inbox);
        foreach (var number in new[] { 1, 2, 3, 4 })
            inbox.Add(Letter(number), "", Day(number));
        world.AddStranger("Lists", Letter(90), "", Day(90));
        return Task.CompletedTask;
    }

    /// <summary>What the target holds is deleted at the source, and nothing else.</summary>
    private static Task Pop3Async(RecoveryWorld world, bool rule)
    {
        var box = new MemoryPop3();
        foreach (var (index, number) in new[] { 1, 2, 2, 3, 4 }.Index())
            box.Messages.Add(($"u{index}", [.. Encoding.ASCII.GetBytes($"Date: {Day(number):r}\r\n"), .. Letter(number)]));
        var sent = box.Messages.ToList();
        world.OpenSource = map => Task.FromResult(box.Session(map));
        world.OpenTarget = mailbox => new MemoryMailTarget(mailbox) { MaxBatch = 4, Rule = world.Rule };
        if (rule)
        {
            world.MayDouble = true;
            world.Rule = bytes => bytes.AsSpan().SequenceEqual(sent[3].Bytes) ? FolderPath.Parse("Lists") : null;
            world.AddStranger("Lists", Letter(90), "", Day(90));
        }
        // What one run deletes at the source, the next one records as vanished.
        world.KeepsRecording = true;
        world.Run = world.MigrateAndDeleteAsync;
        var numbers = new[] { 1, 2, 2, 3, 4 };
        world.Wanted = () =>
            sent.Zip(numbers)
                .Select(pair => (FolderPath.Inbox, new MemoryMailSource.Message(0, pair.First.Bytes, FlagSet.None, Day(pair.Second))));
        world.Invariant = () =>
        {
            var there = world.Target.Folders.SelectMany(folder => folder.Messages.Values).Select(message => message.Bytes).ToList();
            var gone = sent.Where(message => !box.Messages.Contains(message));
            Assert.All(gone, message => Assert.True(there.Remove(there.Find(message.Bytes.SequenceEqual)!), $"{message.Uidl} is lost."));
        };
        return Task.CompletedTask;
    }

    private static async Task RestoreAsync(RecoveryWorld world, RestoreMode mode, Func<RecoveryWorld, Task>? fill = null)
    {
        await (fill ?? SharedAsync)(world);
        var archive = await MemoryArchive.CreateAsync(encrypted: false);
        await archive.BackUpAllAsync(world.Source);
        var (opened, name) = (await archive.OpenAsync(), (await archive.SnapshotsAsync())[^1]);
        var snapshot = await opened.ReadAsync(name, default);
        var sessions = await ArchiveSource.SessionsAsync(opened, snapshot, default);
        world.OpenSource = _ => sessions(default);
        var transfer = Restore.Plan(opened, name, snapshot, "memory:target", [], mode) with { Options = world.Options };
        world.PlaceOf = folder => FolderPath.Parse(transfer.Folders.Rename.GetValueOrDefault(folder.ToString()) ?? folder.ToString());
        world.KeepsRecording = true;
        if (mode == RestoreMode.Exact)
            ArrangeToMoveAside(world);
        world.Run = async steps =>
        {
            await using var store = world.OpenStore(steps);
            return await new Restore(
                snapshot,
                transfer,
                world.Ends(steps),
                store,
                mode,
                world.SpoolPath,
                new ImmediateClock(),
                NullLogger.Instance
            ).RunAsync(new RunProgress(), TestContext.Current.CancellationToken);
        };
    }

    private static void ArrangeToMoveAside(RecoveryWorld world)
    {
        world.Forget();
        world.NameOf = folder =>
            folder.Names[0].StartsWith("Before restore", StringComparison.Ordinal)
                ? new FolderPath(["Aside", .. folder.Names.Skip(1)])
                : folder;
        var inbox = Find(world.Target, "INBOX")!;
        inbox.Add(Letter(92), "", Day(92));
        inbox.Add(Letter(1), "\\Flagged", Day(1));
        inbox.Add(Letter(2), "\\Seen", Day(2));
        foreach (var number in new[] { 90, 92 })
            world.Keep("Aside/INBOX", Letter(number), "", Day(number));
        world.Keep("Aside/Archive", Letter(91), "", Day(91));
    }

    private static void Set(MemoryMailSource.Folder folder, Uid uid, string flags) =>
        folder.Messages[uid] = folder.Messages[uid] with { Flags = FlagSet.Parse(flags) };
}
