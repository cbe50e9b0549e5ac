using Migrator.Core.Failures;
using Migrator.Files.Bytes;
using Migrator.Files.Findings;

namespace Migrator.Files.Messages;

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
