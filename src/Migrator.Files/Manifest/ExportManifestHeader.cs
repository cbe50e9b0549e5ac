namespace Migrator.Files.Manifest;

/// <summary>The first line.</summary>
/// <param name="MigratorExport">The version of this layout: 1.</param>
/// <param name="Format">mbox, maildir or eml.</param>
/// <param name="Written">When the export began.</param>
internal sealed record ExportManifestHeader(
    int MigratorExport,
    string Format,
    DateTimeOffset Written,
    IReadOnlyList<ExportManifestFolder> Folders
);
