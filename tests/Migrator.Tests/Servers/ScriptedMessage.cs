namespace Migrator.Tests.Servers;

/// <summary>A message of a <see cref="ScriptedImap"/>.</summary>
public sealed class ScriptedMessage(uint uid, byte[] content, IEnumerable<string> flags, string date)
{
    public uint Uid { get; } = uid;

    public byte[] Content { get; set; } = content;

    public HashSet<string> Flags { get; } = new(flags, StringComparer.OrdinalIgnoreCase);

    /// <summary>As it goes over the wire, quotes included: a test may put nonsense or NIL here.</summary>
    public string InternalDate { get; set; } = date;

    public ulong ModSeq { get; set; } = 1;
}
