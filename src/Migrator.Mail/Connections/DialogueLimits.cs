using Migrator.Core.Failures;

namespace Migrator.Mail.Connections;

/// <summary>For a dialogue of short lines: greeting, login, SMTP.</summary>
/// <param name="where">Named in the failure.</param>
internal sealed class DialogueLimits(string where) : IAnswerLimits
{
    // Capabilities of some servers take a few kilobytes, and a token in a challenge as much again.
    public const int MostBytes = 256 << 10;

    private long _bytes;

    public void Sent() => _bytes = 0;

    public void Received(ReadOnlySpan<byte> bytes)
    {
        _bytes += bytes.Length;
        if (_bytes > MostBytes)
            throw new MailException(
                Reason.AnswerTooLong,
                $"{where}: the server sent more than {MostBytes:N0} bytes in answer to one command, where some hundred are usual."
            );
    }
}
