namespace Migrator.Mail.Connections;

/// <summary>How much a server may say in answer to one command. A client that reads on and on fills its memory, or waits for
/// ever.</summary>
internal interface IAnswerLimits
{
    /// <summary>The client has sent something: what comes from now on may be the answer to it.</summary>
    void Sent();

    /// <param name="bytes">What the server has sent, cut anywhere.</param>
    /// <exception cref="MailException">More than any server has to say.</exception>
    void Received(ReadOnlySpan<byte> bytes);
}
