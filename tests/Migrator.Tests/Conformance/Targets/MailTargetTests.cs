using Migrator.Tests.Conformance.Mailboxes;
using Migrator.Tests.Conformance.Sources;
using Migrator.Tests.Corpus;
using Migrator.Tests.Servers;
using Xunit;

namespace Migrator.Tests.Conformance.Targets;

public sealed class DovecotTargetTests(DovecotFixture servers) : MailTargetConformance
{
    protected override IReadOnlyList<string> RefusedNames => ["~tilde"];

    protected override Task<ImapMailbox> CreateAsync() => Task.FromResult<ImapMailbox>(new DovecotMailbox(servers.New));

    protected override OddMessage Refused() => new("empty", []);
}

public sealed class PipelinedDovecotTargetTests(DovecotTargetFixture.Pipelined fixture)
    : MailTargetConformance,
        IClassFixture<DovecotTargetFixture.Pipelined>
{
    protected override IReadOnlyList<string> RefusedNames => ["~tilde"];

    protected override Task<ImapMailbox> CreateAsync() => Task.FromResult<ImapMailbox>(new DovecotMailbox(fixture.Server));

    protected override OddMessage Refused() => new("empty", []);
}

public sealed class OneByOneDovecotTargetTests(DovecotTargetFixture.OneByOne fixture)
    : MailTargetConformance,
        IClassFixture<DovecotTargetFixture.OneByOne>
{
    protected override IReadOnlyList<string> RefusedNames => ["~tilde"];

    protected override bool RemovesSingleMessages => false;

    protected override Task<ImapMailbox> CreateAsync() => Task.FromResult<ImapMailbox>(new DovecotMailbox(fixture.Server));

    protected override OddMessage Refused() => new("empty", []);
}

public sealed class CyrusTargetTests(CyrusFixture cyrus) : MailTargetConformance, IClassFixture<CyrusFixture>
{
    protected override IReadOnlyList<string> RefusedNames => ["100%", "quo\"te", "back\\\\slash", "{brace}"];

    protected override bool TakesSpecialUse => true;

    protected override bool TakesAnyHeader => false;

    protected override async Task<ImapMailbox> CreateAsync() => await CyrusMailbox.CreateAsync(cyrus);

    protected override OddMessage Refused() => new("NUL", "Subject: x\r\n\r\na\0b\r\n"u8.ToArray());
}

public sealed class ScriptedImapTargetTests : MailTargetConformance
{
    private ScriptedImapMailbox? _mailbox;

    protected override Task<ImapMailbox> CreateAsync() => Task.FromResult<ImapMailbox>(_mailbox = new ScriptedImapMailbox());

    protected override OddMessage Refused() => _mailbox!.Refuse(new("refused", "Subject: refuse me\r\n\r\n"u8.ToArray()));
}
