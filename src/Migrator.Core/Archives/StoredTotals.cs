namespace Migrator.Core.Archives;

/// <param name="Messages">That were in no pack before.</param>
/// <param name="Plain">Their bytes.</param>
/// <param name="Stored">Bytes that they, their headers and the pages took in packs.</param>
public sealed record StoredTotals(long Messages, long Plain, long Stored)
{
    public static readonly StoredTotals None = new(0, 0, 0);
}
