namespace Migrator.Files.Bytes;

/// <summary>Looks whether the bytes that pass hold a word.</summary>
internal sealed class WordFinder(byte[] word, IByteSink next) : IByteSink
{
    private readonly List<byte> _end = [];

    public bool Found { get; private set; }

    public void Write(ReadOnlySpan<byte> bytes)
    {
        // It may begin in one piece and end in the next.
        _end.AddRange(bytes[..Math.Min(bytes.Length, word.Length)]);
        Found |= bytes.IndexOf(word) >= 0 || System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_end).IndexOf(word) >= 0;
        if (bytes.Length >= word.Length)
            _end.Clear();
        _end.AddRange(bytes[^Math.Min(bytes.Length, word.Length)..]);
        if (_end.Count > word.Length)
            _end.RemoveRange(0, _end.Count - word.Length);
        next.Write(bytes);
    }

    public void End() => next.End();
}
