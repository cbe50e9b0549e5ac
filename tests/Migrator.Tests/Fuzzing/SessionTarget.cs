using Migrator.Core.Failures;
using Migrator.Core.Jobs;
using Migrator.Core.Secrets;
using Migrator.Tests.Servers;

namespace Migrator.Tests.Fuzzing;

/// <summary>A client of ours at a server whose recorded answers were changed.</summary>
internal abstract class SessionTarget(string name) : FuzzTarget
{
    private readonly Lazy<IReadOnlyList<byte[]>> _inputs = new(() =>
        [
            .. Directory
                .EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "Fuzzing", "Sessions"), $"{name}-*.txt")
                .Order(StringComparer.Ordinal)
                .Select(File.ReadAllBytes),
        ]
    );

    public override string Name => name;

    public override IReadOnlyList<byte[]> Inputs => _inputs.Value;

    /// <summary>What was changed may wait for what never comes. What was not is read at leisure, however busy the machine is.</summary>
    public bool IsHurried { get; set; } = true;

    protected TimeProvider Clock => IsHurried ? new HurriedClock() : TimeProvider.System;

    public override async Task ReadAsync(byte[] input, int origin, CancellationToken stop)
    {
        // A client that says nothing waits for bytes that a changed answer only promises.
        var session = new RecordedSession(input, IsHurried ? TimeSpan.FromMilliseconds(60) : TimeSpan.FromMinutes(1));
        await using var server = new HostileServer(session.PlayAsync);
        WasRead = false;
        try
        {
            await UseAsync(Server(server.Port), stop);
            WasRead = true;
        }
        catch (MailException exception)
        {
            // As promised.
            Refusal = exception.Message;
        }
    }

    protected abstract MailProtocol Protocol { get; }

    /// <summary>Does everything that a client can do there.</summary>
    protected abstract Task UseAsync(MailServer server, CancellationToken stop);

    private MailServer Server(int port) =>
        new(
            "localhost",
            port,
            TlsMode.None,
            "ann",
            new SecretReference(SecretSource.Env, "UNUSED"),
            // Nothing else could be replayed: a proof of SCRAM is another one each time.
            Protocol == MailProtocol.Pop3
                ? AuthMethod.Auto
                : AuthMethod.Plain,
            new CertificateTrust(null, null)
        )
        {
            Protocol = Protocol,
        };
}
