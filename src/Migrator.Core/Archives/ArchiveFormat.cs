using System.Text.Json.Serialization;

namespace Migrator.Core.Archives;

/// <summary>What an archive was made to be; written once. Its blob is named for its SHA-256: <c>format/&lt;hash&gt;.json</c>.</summary>
/// <param name="Format">Always "migrator-archive".</param>
/// <param name="Version">Of the format: 1.</param>
/// <param name="Id">Unlike any other archive's.</param>
/// <param name="Encryption">"none" or "aes-256-gcm".</param>
/// <param name="ImmutableDays">Nothing is removed before it is this many days old.</param>
/// <param name="ControlStore">By which the one place of its leases and notes is known: with leases in two places, nobody would see whom
/// they shut out.</param>
public sealed record ArchiveFormat(
    string Format,
    int Version,
    Guid Id,
    DateTimeOffset Created,
    string Encryption,
    int ImmutableDays,
    [property: JsonPropertyName("side")] Guid ControlStore
)
{
    public const string Name = "migrator-archive";
    public const int CurrentVersion = 1;
    public const string Plain = "none";
    public const string AesGcm = "aes-256-gcm";

    public bool Encrypted => Encryption != Plain;
}
