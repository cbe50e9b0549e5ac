namespace Migrator.Files.Bytes;

/// <summary>Takes the bytes of one message, in pieces of any size, and hands them on, perhaps changed.</summary>
internal interface IByteSink
{
    void Write(ReadOnlySpan<byte> bytes);

    /// <summary>No more will come: what was held back is passed on now.</summary>
    void End();
}
