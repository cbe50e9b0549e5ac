namespace Migrator.Mail.Pop3;

/// <summary>How large a message was as it came, for comparison with what LIST says of it.</summary>
/// <param name="Listed">What LIST says; null where it does not say.</param>
/// <param name="Length">Bytes that came, without dots that were doubled on the way.</param>
/// <param name="Lines">Line ends among them.</param>
/// <param name="Dots">Lines that came with a dot at their start.</param>
/// <param name="SingleDots">Those of them whose dot was not doubled.</param>
internal readonly record struct ReceivedSize(long? Listed, long Length, long Lines, long Dots, long SingleDots)
{
    /// <summary>The server lists what it sends, or keeps lines that end in LF and lists them so (qmail-pop3d).</summary>
    public bool Fits => Listed == Length || (Lines > 0 && Listed == Length - Lines);

    /// <summary>It fits if the dots are content that the server did not double, or if it doubled them and lists what that makes.</summary>
    public bool FitsWithDots => Dots > 0 && !Fits && (this with { Length = Length + Dots }).Fits;

    /// <summary>How far off the list was; above 0, less came.</summary>
    public long Missing => Listed is { } listed ? listed - Length : 0;
}
