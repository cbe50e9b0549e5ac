using Migrator.Files.Bytes;
using Migrator.Files.Findings;
using Migrator.Files.Messages;

namespace Migrator.Files.Mbox;

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
