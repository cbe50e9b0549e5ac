namespace Migrator.Tests.Corpus;

/// <param name="Name">What is odd about it.</param>
/// <param name="Bytes">With CRLF at line ends unless that is the point.</param>
/// <param name="OnDisk">No APPEND takes it: it gets into the mailbox as a file.</param>
public sealed record OddMessage(string Name, byte[] Bytes, string Flags = "", DateTimeOffset? Date = null, bool OnDisk = false);
