namespace Migrator.Core.Blobs;

/// <param name="Writes">With changes of where a blob lies.</param>
/// <param name="Lists">One for each page of a listing.</param>
public sealed record Requests(long Reads, long Writes, long Lists, long Deletes)
{
    public static readonly Requests None = new(0, 0, 0, 0);

    public long Total => Reads + Writes + Lists + Deletes;

    public static Requests operator +(Requests one, Requests other) =>
        new(one.Reads + other.Reads, one.Writes + other.Writes, one.Lists + other.Lists, one.Deletes + other.Deletes);
}
