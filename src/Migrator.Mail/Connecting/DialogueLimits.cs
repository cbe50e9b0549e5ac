using Migrator.Core.Failures;

namespace Migrator.Mail.Connecting;

/// <summary>For a dialogue of short lines: greeting, login, SMTP.</summary>
/// <param name="where">Named in the failure.</param>
internal sealed class DialogueLimits(string where) : IAnswerLimits
{
    // Capabilities of some servers take a few kilobytes, and a token in a challenge as much again.
    public const int MostOctets = 256 << 10;

    private long _octets;

    public void Sent() => _octets = 0;

    public void Received(ReadOnlySpan<byte> octets)
    {
        _octets += octets.Length;
        if (_octets > MostOctets)
            throw new MailException(Reason.AnswerTooLong, $"{where}: the server sent more than {MostOctets:N0} bytes in answer to one command, where some hundred are usual.");
    }
}
