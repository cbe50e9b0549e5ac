using Migrator.Core.Checkpoints;
using Migrator.Core.Jobs;
using Migrator.Core.Mail;
using Migrator.Mail.Imap;

namespace Migrator.Tests.Fuzzing;

/// <summary>The answers of an IMAP server to which mail is written.</summary>
internal sealed class ImapTargetTarget() : SessionTarget("imap-target")
{
    private static readonly FolderPath s_work = FolderPath.Parse("Work");

    public override IReadOnlyList<string> Tokens { get; } =
    [
        .. ImapSourceTarget.Words,
        "[APPENDUID 0 1]",
        "[APPENDUID 1 0]",
        "[APPENDUID 1 1:4294967295]",
        "[APPENDUID 4294967296 7]",
        "[APPENDUID ",
        "[COPYUID 1 1 1]",
        "[COPYUID 0 1:3 9:1]",
        "[COPYUID 1 1:4294967295 1:4294967295]",
        "[TRYCREATE]",
        "[OVERQUOTA]",
        "[PERMANENTFLAGS (",
        "[READ-ONLY]",
    ];

    protected override MailProtocol Protocol => MailProtocol.Imap;

    protected override async Task UseAsync(MailServer server, CancellationToken stop)
    {
        var connector = new ImapConnector(server, "secret", Clock);
        await using var target = await connector.OpenTargetAsync(ProcessLease.Instance, stop);
        await UseAsync(target, stop);
    }

    public static async Task UseAsync(IMailTarget target, CancellationToken stop)
    {
        await target.ListFoldersAsync(stop);
        await target.RefusedInNamesAsync(['#', '&'], stop);
        await target.FoldsCaseAsync(FolderPath.Parse("Sent"), stop);
        await target.CreateFolderAsync(s_work, SpecialUse.None, stop);
        await target.SubscribeAsync(s_work, stop);
        await target.MaxSizeAsync(s_work, stop);
        await target.QuotasAsync(s_work, stop);
        await target.OpenAsync(s_work, stop);
        _ = target.FilterPermanentFlags(FlagSet.Parse("\\Seen later"));
        var most = target.Traits.MaxBatch;
        foreach (var count in new[] { Math.Min(3, most), 1 })
        {
            OutgoingMessage[] messages = [.. Enumerable.Range(0, count).Select(Letter)];
            var result = await target.AppendAsync(messages, stop);
            if (result.Messages.Count != count)
                throw new InvalidOperationException($"Of {count} messages, {result.Messages.Count} results.");
            result.ThrowIfInterrupted();
        }
        await target.StoreFlagsAsync([new TargetUid(1), new TargetUid(2)], FlagSet.Parse("\\Flagged"), FlagSet.Parse("\\Seen"), stop);
        await target.CopyAsync([new TargetUid(1), new TargetUid(2)], FolderPath.Inbox, stop);
        await target.MoveAsync([new TargetUid(2)], FolderPath.Inbox, stop);
        await target.RemoveAsync([new TargetUid(3)], stop);
        var uids = await target.ListUidsAsync(1, stop);
        await target.FetchSummariesAsync(uids, stop);
        await target.FetchAsync(uids, new FuzzSink(uids), stop);
    }

    private static OutgoingMessage Letter(int number)
    {
        byte[] content = [.. "Subject: letter\r\n\r\n"u8, (byte)('0' + number), .. "\r\n"u8];
        return new OutgoingMessage(content.Length, FlagSet.Parse("\\Seen"), DateTimeOffset.UnixEpoch, () => new MemoryStream(content));
    }
}
