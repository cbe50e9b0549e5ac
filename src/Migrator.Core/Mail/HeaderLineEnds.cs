namespace Migrator.Core.Mail;

/// <summary>How the lines of a header end.</summary>
public enum HeaderLineEnds
{
    CarriageReturnAndLineFeed,
    LineFeed,
    Mixed,
}
