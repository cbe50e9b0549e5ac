using Migrator.Core.Mail;

namespace Migrator.Core.Fetching;

/// <summary>How large messages are said to be, and how much larger they may come. Sizes of some servers are estimates; but what is far
/// larger than its server announced, or than the spool may hold, would fill the disk.</summary>
/// <param name="announced">Bytes of a message; null where that is not known.</param>
/// <param name="spoolLimit">In bytes.</param>
public sealed class MessageSizes(Func<Uid, long?> announced, long spoolLimit)
{
    /// <summary>Whatever comes: for those who keep nothing of it.</summary>
    public static readonly MessageSizes Any = new(_ => null, long.MaxValue);

    /// <summary>Beyond twice what was announced.</summary>
    public const long MostBeyond = 64L << 20;

    /// <summary>Whatever was announced, unless the spool's limit is higher: no server takes in mail of this size.</summary>
    public const long MostBytes = 1L << 30;

    /// <param name="uid">Null for a message of which the server has not said yet which one it is.</param>
    /// <returns>Why a message of this size is not taken; null where it is.</returns>
    public string? Refuse(Uid? uid, long bytes)
    {
        if (uid is { } known && announced(known) is { } said && bytes > (2 * said) + MostBeyond)
            return $"the server announced {said:N0} bytes and sends {bytes:N0}; "
                + $"more than twice as many and {MostBeyond:N0} are not accepted";
        var most = uid is null ? spoolLimit : Math.Max(spoolLimit, MostBytes);
        return bytes > most
            ? $"it has {bytes:N0} bytes; at most {most:N0} are accepted, or as many as \"spoolLimit\" says if that is more"
            : null;
    }
}
