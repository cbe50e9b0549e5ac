namespace Migrator.Mail.Files;

/// <summary>A message in an open file, as the bytes that it was before it was stored.</summary>
internal interface IStoredMessage
{
    /// <summary>Lines may end with CR alone.</summary>
    bool MayHaveCarriageReturns { get; }

    /// <exception cref="MailException">Of scope message: the file does not hold what it should.</exception>
    void Run(IByteSink to, Func<bool>? enough, CancellationToken cancellationToken);

    /// <summary>The message was handed on: says what was done to it.</summary>
    /// <param name="size">Its bytes before their line ends were made CRLF.</param>
    void Report(FileFindings findings, long size);
}

/// <summary>In an mbox.</summary>
internal sealed class MboxMessage(FilePump pump, FoundMessage message) : IStoredMessage
{
    private readonly bool _carriageReturns = message.Form.HasFlag(MessageForm.CarriageReturns);

    public bool MayHaveCarriageReturns => _carriageReturns;

    public void Run(IByteSink to, Func<bool>? enough, CancellationToken cancellationToken)
    {
        var stored = message.Form.HasFlag(MessageForm.Quoted) ? new MboxQuoting(to, unquote: true) : to;
        pump.Run(message, new AfterFirstLine(stored, _carriageReturns ? (byte)'\r' : (byte)'\n'), enough, cancellationToken);
    }

    public void Report(FileFindings findings, long size)
    {
        // The file as a whole has been reported when it was looked through.
    }
}
