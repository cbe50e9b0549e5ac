namespace Migrator.Files.Messages;

/// <summary>How the bytes of a message in an mbox differ from the message.</summary>
[Flags]
internal enum MessageForm
{
    Plain = 0,

    /// <summary>Lines that begin with <c>From </c> have one <c>&gt;</c> more, reversibly (mboxrd).</summary>
    Quoted = 1,

    /// <summary>Lines end with CR alone, as on the old Mac.</summary>
    CarriageReturns = 2,
}
