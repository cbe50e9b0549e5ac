namespace Migrator.Core.Jobs;

/// <summary>Reads <c>archive</c> of a job file.</summary>
internal static class ArchiveReading
{
    public static readonly IReadOnlyDictionary<string, string> Tiers = new Dictionary<string, string> { ["hot"] = "Hot", ["cool"] = "Cool", ["cold"] = "Cold" };

    public static ArchiveReference? Read(JsonReading? archive, string directory)
    {
        if (archive is null)
            return null;
        var location = archive.Text("location", "give a directory, or the URL of a container at Azure Blob Storage.");
        var connectionString = Secret(archive, "connectionString", directory);
        var sas = Secret(archive, "sas", directory);
        var side = archive.Text("side");
        var passphrase = Secret(archive, "passphrase", directory);
        var keyFile = archive.Text("keyFile");
        var keyVault = archive.Text("keyVault");
        var tiers = ReadTiers(archive.Object("tiers"));
        archive.NothingElse();
        if (connectionString is not null && sas is not null)
            archive.Wrong(archive.Path, "give either connectionString or sas, not both.");
        if (new object?[] { passphrase, keyFile, keyVault }.Count(key => key is not null) > 1)
            archive.Wrong(archive.Path, "give one of passphrase, keyFile and keyVault, not several.");
        if (location is null)
            return null;
        var reference = new ArchiveReference(location, connectionString, sas, side, passphrase, keyFile is null ? null : Path.GetFullPath(keyFile, directory), keyVault, tiers);
        return reference.IsAzure ? reference : reference with { Location = Path.GetFullPath(location, directory), Side = side is null ? null : Path.GetFullPath(side, directory) };
    }

    private static Dictionary<string, string> ReadTiers(JsonReading? tiers)
    {
        var read = new Dictionary<string, string>();
        foreach (var prefix in tiers?.Names.ToList() ?? [])
        {
            if (tiers!.Text(prefix) is not { } tier)
                continue;
            if (Tiers.TryGetValue(tier, out var known))
                read[prefix] = known;
            else
                tiers.Wrong(tiers.At(prefix), $"is \"{tier}\"; use {JsonReading.OneOf(Tiers.Keys)}.");
        }
        return read;
    }

    private static SecretReference? Secret(JsonReading archive, string name, string directory)
    {
        if (archive.Text(name) is not { } text)
            return null;
        if (SecretReference.Parse(text, directory) is { } reference)
            return reference;
        archive.Wrong(archive.At(name), "must not be the secret itself (it is not shown here); say where it is: \"env:NAME\", \"file:PATH\", \"setting:NAME\" or \"prompt\".");
        return null;
    }
}
