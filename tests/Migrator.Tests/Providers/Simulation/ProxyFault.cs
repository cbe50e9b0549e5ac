namespace Migrator.Tests.Providers.Simulation;

/// <summary>What a server does wrong. One that never fired fails the test.</summary>
/// <param name="answer">What follows the tag, <see cref="Drop"/> to hang up, a line after <see cref="Bare"/>, or null to do it
/// right.</param>
/// <param name="afterwards">The command is executed first.</param>
internal sealed class ProxyFault(string name, Func<ImapCommand, string?> answer, bool afterwards)
{
    public const string Drop = "drop";

    /// <summary>Precedes a line that is said without a tag; then the server hangs up.</summary>
    public const char Bare = '!';

    private int _fired;

    public string Name => name;

    public bool Afterwards => afterwards;

    public int Fired => Volatile.Read(ref _fired);

    /// <summary>From now on the server does it right.</summary>
    public bool Healed { get; set; }

    public string? Answer(ImapCommand command)
    {
        if (Healed || answer(command) is not { } said)
            return null;
        Interlocked.Increment(ref _fired);
        return said;
    }
}
