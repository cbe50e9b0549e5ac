namespace Migrator.Mail.Pop3;

/// <summary>Whether commands may be pipelined where a server says so, for all sessions of a run: one that was seen out of step is asked for
/// one message at a time, or each session would be lost where it was.</summary>
public sealed class Pop3Pipelining
{
    private volatile bool _failed;

    internal bool Failed
    {
        get => _failed;
        set => _failed = value;
    }
}
