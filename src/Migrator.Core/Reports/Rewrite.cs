namespace Migrator.Core.Reports;

/// <summary>What servers and other tools do to messages on their way, and what a comparison may accept.</summary>
public enum Rewrite
{
    /// <summary>The target has header fields that the source has not; all of the source are there, in their order.</summary>
    HeadersAdded,

    /// <summary>Lines end with CRLF at one end and with LF at the other, or the last line does not end.</summary>
    LineEnds,

    /// <summary>INTERNALDATE at the target is the date in the header of the message.</summary>
    DatesByHeader,
}
