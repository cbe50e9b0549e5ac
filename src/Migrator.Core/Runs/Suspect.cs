namespace Migrator.Core.Runs;

/// <summary>The one message that was on its way when a connection was lost, and how often in a row it was the
/// same.</summary>
internal sealed class Suspect
{
    // Networks fail too: only what ends the connection each time is a message's fault.
    private const int Most = 3;

    private (uint Uid, int Times) _last;

    public void Add(uint uid) => _last = _last.Uid == uid ? (uid, _last.Times + 1) : (uid, 1);

    public bool IsGuilty(uint uid) => _last.Uid == uid && _last.Times >= Most;
}
