using Migrator.Core.Secrets;

namespace Migrator.Core.Jobs;

/// <summary>Reads <c>archive</c> of a job file.</summary>
internal static class ArchiveParser
{
    public static readonly IReadOnlyDictionary<string, string> Tiers = new Dictionary<string, string>
    {
        ["hot"] = "Hot",
        ["cool"] = "Cool",
        ["cold"] = "Cold",
    };

    public static ArchiveReference? Read(JsonObjectReader? archive, string directory)
    {
        if (archive is null)
            return null;
        var location = archive.Text("location", "give a directory, or the URL of a container at Azure Blob Storage.");
        var connectionString = Secret(archive, "connectionString", directory);
        var sas = Secret(archive, "sas", directory);
        var controlStore = archive.Text("controlStore");
        var controlStoreSas = Secret(archive, "controlStoreSas", directory);
        var passphrase = Secret(archive, "passphrase", directory);
        var keyFile = archive.Text("keyFile");
        var keyVault = archive.Text("keyVault");
        var tiers = ReadTiers(archive.Object("tiers"));
        archive.NothingElse();
        if (new object?[] { passphrase, keyFile, keyVault }.Count(key => key is not null) > 1)
            archive.Wrong(archive.Path, "give one of passphrase, keyFile and keyVault, not several.");
        if (location is null)
            return null;
        var reference = new ArchiveReference(
            location,
            connectionString,
            sas,
            controlStore,
            passphrase,
            keyFile is null ? null : Path.GetFullPath(keyFile, directory),
            keyVault,
            tiers
        )
        {
            ControlStoreSas = controlStoreSas,
        };
        foreach (var (part, message) in reference.Mistakes())
            archive.Wrong(part.Length == 0 ? archive.Path : archive.At(part), message);
        return reference.In(directory);
    }

    private static Dictionary<string, string> ReadTiers(JsonObjectReader? tiers)
    {
        var read = new Dictionary<string, string>();
        foreach (var prefix in tiers?.Names.ToList() ?? [])
        {
            if (tiers!.Text(prefix) is not { } tier)
                continue;
            if (Tiers.TryGetValue(tier, out var known))
                read[prefix] = known;
            else if (tier == "archive")
                tiers.Wrong(tiers.At(prefix), Offline(prefix));
            else
                tiers.Wrong(tiers.At(prefix), $"is \"{tier}\"; use {JsonObjectReader.OneOf(Tiers.Keys)}.");
        }
        return read;
    }

    /// <summary>Why nothing is written into Azure's archive tier, from which it takes hours to come back.</summary>
    private static string Offline(string prefix) =>
        prefix.StartsWith("packs/", StringComparison.Ordinal)
            ? "is \"archive\", where a pack cannot be read for hours, and new packs are read: before mail is deleted at a POP3 "
                + "server, and after a run that was killed. Use \"cool\" or \"cold\" here, and a lifecycle rule of the storage "
                + "account that moves packs/ to the archive tier after 30 days or more."
            : "is \"archive\", where a blob cannot be read for hours, and each backup reads the index, the pages and the last "
                + "snapshot. Only packs/ may go there, by a lifecycle rule of the storage account; use "
                + $"{JsonObjectReader.OneOf(Tiers.Keys)} here.";

    private static SecretReference? Secret(JsonObjectReader archive, string name, string directory)
    {
        if (archive.Text(name) is not { } text)
            return null;
        if (SecretReference.Parse(text, directory) is { } reference)
            return reference;
        archive.Wrong(archive.At(name), $"must not be the secret itself (it is not shown here); say where it is: {SecretReference.Forms}.");
        return null;
    }
}
