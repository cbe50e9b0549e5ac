using Migrator.Core.Mail;
using Migrator.Tests.Memory;

namespace Migrator.Tests.Conformance.Mailboxes;

/// <summary>The double that most tests of archives and files read from.</summary>
public sealed class MemoryMailbox : MemoryBacked
{
    private readonly List<MemoryMailSource> _sessions = [];
    private readonly HashSet<Uid> _spoilt = [];

    public override Task<IMailSource> ConnectAsync()
    {
        var session = Mailbox.Session();
        session.Withheld.UnionWith(_spoilt);
        _sessions.Add(session);
        return Task.FromResult<IMailSource>(session);
    }

    public override Task SpoilAsync(FolderPath folder, Uid uid)
    {
        _spoilt.Add(uid);
        _sessions.ForEach(session => session.Withheld.Add(uid));
        return Task.CompletedTask;
    }
}
