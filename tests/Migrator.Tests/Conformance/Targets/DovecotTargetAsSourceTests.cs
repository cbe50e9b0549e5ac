using Migrator.Tests.Conformance.Mailboxes;
using Migrator.Tests.Conformance.Sources;
using Migrator.Tests.Corpus;
using Migrator.Tests.Servers;
using Xunit;

namespace Migrator.Tests.Conformance.Targets;

/// <summary>A target reads back what is in it, and promises of that what a source does.</summary>
public sealed class DovecotTargetAsSourceTests(DovecotFixture servers) : MailSourceConformance
{
    protected override Task<ArrangedMailbox> CreateAsync() =>
        Task.FromResult<ArrangedMailbox>(new DovecotMailbox(servers.New) { ReadByTarget = true });
}
