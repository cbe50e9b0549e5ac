namespace Migrator.Core.Archives.Headers;

/// <param name="Bytes">What is between the colon and the end of the field; line ends within a folded field included.</param>
/// <param name="Cut">Only the beginning is kept.</param>
public readonly record struct HeaderValue(HeaderField Field, ReadOnlyMemory<byte> Bytes, bool Cut);
