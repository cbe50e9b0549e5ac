namespace Migrator.Core.Archives;

/// <param name="Objects">Each copy of one counts.</param>
/// <param name="Plain">Their bytes.</param>
/// <param name="Stored">Bytes that they take in packs.</param>
public sealed record PackTotals(long Objects, long Plain, long Stored);
