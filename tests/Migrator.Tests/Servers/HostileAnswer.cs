namespace Migrator.Tests.Servers;

/// <summary>What a <see cref="ScriptedImap"/> sends in place of an answer.</summary>
/// <param name="HangsUp">Then the connection is closed.</param>
/// <param name="FallsSilent">Then nothing more is read or said, and the connection stays.</param>
public sealed record HostileAnswer(byte[] Bytes, bool HangsUp = false, bool FallsSilent = false)
{
    /// <summary>How many bytes are sent at once.</summary>
    public int Piece { get; init; } = int.MaxValue;

    /// <param name="honest">What would have been said; null where that is not known.</param>
    public bool DiffersFrom(byte[]? honest) => HangsUp || FallsSilent || Piece < Bytes.Length || honest?.SequenceEqual(Bytes) != true;
}
