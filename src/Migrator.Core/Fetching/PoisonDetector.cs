using Migrator.Core.Mail;

namespace Migrator.Core.Fetching;

/// <summary>Finds the message at which connections end. After two losses without progress in between, messages are sent one at a time, so
/// that the one to blame is known; until it is found or enough others have passed.</summary>
internal sealed class PoisonDetector
{
    // Networks fail too: only what ends the connection each time is a message's fault.
    private const int MostLosses = 3;

    private const int OneAtATimeFor = 20;

    private long _progress,
        _progressAtLoss = -1,
        _passed;
    private (Uid Uid, int Losses) _last;

    /// <summary>Rises with all that was achieved.</summary>
    public long Progress => Interlocked.Read(ref _progress);

    /// <summary>A batch must be one message.</summary>
    public bool OneAtATime { get; private set; }

    public void RecordProgress()
    {
        Interlocked.Increment(ref _progress);
        if (OneAtATime && ++_passed >= OneAtATimeFor)
            OneAtATime = false;
    }

    public void ConnectionLost()
    {
        OneAtATime = Progress == _progressAtLoss;
        (_progressAtLoss, _passed) = (Progress, 0);
    }

    /// <summary>The connection was lost while this message alone was being sent.</summary>
    /// <returns>Whether the message is to blame: it was the same one several times in a row.</returns>
    public bool IsPoison(Uid uid)
    {
        _last = _last.Uid == uid ? (uid, _last.Losses + 1) : (uid, 1);
        return _last.Losses >= MostLosses;
    }
}
