using Migrator.Files;

namespace Migrator.Tests.Fuzzing;

/// <summary>All that reads what somebody else wrote.</summary>
internal static class FuzzTargets
{
    private static readonly Dictionary<string, Func<CancellationToken, Task<FuzzTarget>>> s_all = new(StringComparer.Ordinal)
    {
        ["imap-source"] = _ => Made(new ImapSourceTarget()),
        ["imap-target"] = _ => Made(new ImapTargetTarget()),
        ["pop3"] = _ => Made(new Pop3Target()),
        ["folder-name"] = _ => Made(new FolderNameTarget()),
        ["message"] = _ => Made(new MessageTarget()),
        ["header-record"] = _ => Made(new HeaderRecordTarget()),
        ["mbox"] = _ => Made(new FileTarget("mbox", FileFormat.Mbox, "Inbox")),
        ["maildir"] = _ => Made(new FileTarget("maildir", FileFormat.Maildir, "cur/1425370211.a,S=9:2,Sz")),
        ["eml"] = _ => Made(new FileTarget("eml", FileFormat.Eml, "1.eml")),
        ["emlx"] = _ => Made(new FileTarget("emlx", FileFormat.Eml, "1.emlx")),
        ["archive"] = async stop => await ArchiveTarget.MakeAsync(encrypted: false, stop),
        ["archive-encrypted"] = async stop => await ArchiveTarget.MakeAsync(encrypted: true, stop),
        ["job-file"] = _ => Made(new JobFileTarget()),
        ["mailbox-list"] = _ => Made(new MailboxListTarget()),
        ["autoconfig"] = _ => Made(new AutoconfigTarget()),
        ["dns"] = _ => Made(new DnsTarget()),
        ["token"] = _ => Made(new TokenTarget()),
        ["login-file"] = LoginFileTarget.MakeAsync,
        ["checkpoint"] = CheckpointTarget.MakeAsync,
    };

    public static IReadOnlyCollection<string> Names => s_all.Keys;

    public static Task<FuzzTarget> MakeAsync(string name, CancellationToken stop) => s_all[name](stop);

    private static Task<FuzzTarget> Made(FuzzTarget target) => Task.FromResult(target);
}
