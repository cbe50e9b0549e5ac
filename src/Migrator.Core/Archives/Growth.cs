namespace Migrator.Core.Archives;

/// <summary>What a night brings on average.</summary>
/// <param name="Messages">That were not stored before.</param>
/// <param name="Plain">Their bytes.</param>
/// <param name="Stored">Bytes that they, their headers and the pages take in packs.</param>
public sealed record Growth(double Messages, double Plain, double Stored)
{
    public static Growth operator +(Growth one, Growth other) =>
        new(one.Messages + other.Messages, one.Plain + other.Plain, one.Stored + other.Stored);
}
