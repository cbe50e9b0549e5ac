namespace Migrator.Mail.Pop3;

/// <summary>Decides whether a message that has not the size that LIST says was cut short, or whether this server only estimates sizes: by
/// how well LIST tells the sizes of the other messages.</summary>
internal static class ListEvidence
{
    // By chance an estimate is exact: of many messages some may fit.
    private const int FitByChance = 10;

    /// <param name="message">Came twice with the same length.</param>
    /// <param name="others">Of other messages of the same server.</param>
    /// <returns>False also where nothing can be known, because there is no other message: then it may have been cut.</returns>
    public static bool IsEstimate(ReceivedSize message, IReadOnlyCollection<ReceivedSize> others)
    {
        if (message.Listed is null || message.Missing < 0)
            // Nothing says that something is missing.
            return true;
        // No estimate takes nothing for a message: the server has lost it, or the answer, and calling it whole would lose it a second time.
        if (message.Length == 0)
            return false;
        // It sends dots doubled and counts both: a server that does not double them would have sent some that stand alone by now.
        if (message.FitsWithDots && others.Any(other => other.FitsWithDots) && others.Append(message).All(other => other.SingleDots == 0))
            return true;
        var off = others.Where(other => other.Listed is > 0 && !other.Fits).ToList();
        var fitting = others.Count(other => other.Fits);
        if (off.Count == 0 || fitting * FitByChance > others.Count)
            return false;
        // A server that counts something besides the message is always as far off.
        if (off.Count > 1 && off.TrueForAll(other => other.Missing == off[0].Missing))
            return message.Missing == off[0].Missing;
        return Share(message) <= 2 * off.Max(Share);
    }

    private static double Share(ReceivedSize size) => Math.Abs((double)size.Missing) / size.Listed!.Value;
}
