using Migrator.Files;
using Migrator.Tests.Conformance.Mailboxes;
using Migrator.Tests.Servers;
using Xunit;

namespace Migrator.Tests.Conformance.Sources;

public sealed class DovecotPop3SourceTests(DovecotFixture servers) : RemovableSourceConformance
{
    protected override Task<ArrangedMailbox> CreateAsync() => Task.FromResult<ArrangedMailbox>(new Pop3Mailbox(servers.Old));
}

public sealed class ScriptedPop3SourceTests : RemovableSourceConformance
{
    protected override Task<ArrangedMailbox> CreateAsync() => Task.FromResult<ArrangedMailbox>(new ScriptedPop3Mailbox());
}

public sealed class MemoryPop3SourceTests : RemovableSourceConformance
{
    protected override Task<ArrangedMailbox> CreateAsync() => Task.FromResult<ArrangedMailbox>(new MemoryPop3Mailbox());
}
