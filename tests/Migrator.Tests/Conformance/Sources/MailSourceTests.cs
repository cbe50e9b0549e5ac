using Migrator.Files;
using Migrator.Tests.Conformance.Mailboxes;
using Migrator.Tests.Servers;
using Xunit;

namespace Migrator.Tests.Conformance.Sources;

public sealed class DovecotSourceTests(DovecotFixture servers) : MailSourceConformance
{
    protected override Task<ArrangedMailbox> CreateAsync() => Task.FromResult<ArrangedMailbox>(new DovecotMailbox(servers.Old));
}

public sealed class CyrusSourceTests(CyrusFixture cyrus) : MailSourceConformance, IClassFixture<CyrusFixture>
{
    protected override async Task<ArrangedMailbox> CreateAsync() => await CyrusMailbox.CreateAsync(cyrus);
}

public sealed class ScriptedImapSourceTests : MailSourceConformance
{
    protected override Task<ArrangedMailbox> CreateAsync() => Task.FromResult<ArrangedMailbox>(new ScriptedImapMailbox());
}

public sealed class MboxSourceTests : MailSourceConformance
{
    protected override Task<ArrangedMailbox> CreateAsync() => Task.FromResult<ArrangedMailbox>(new FileMailbox(FileFormat.Mbox));
}

public sealed class MaildirSourceTests : MailSourceConformance
{
    protected override Task<ArrangedMailbox> CreateAsync() => Task.FromResult<ArrangedMailbox>(new FileMailbox(FileFormat.Maildir));
}

public sealed class EmlSourceTests : MailSourceConformance
{
    protected override Task<ArrangedMailbox> CreateAsync() => Task.FromResult<ArrangedMailbox>(new FileMailbox(FileFormat.Eml));
}

public sealed class ArchiveSourceTests : MailSourceConformance
{
    protected override Task<ArrangedMailbox> CreateAsync() => Task.FromResult<ArrangedMailbox>(new ArchiveMailbox());
}

public sealed class MemorySourceTests : MailSourceConformance
{
    protected override Task<ArrangedMailbox> CreateAsync() => Task.FromResult<ArrangedMailbox>(new MemoryMailbox());
}
