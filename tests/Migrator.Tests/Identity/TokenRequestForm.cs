namespace Migrator.Tests.Identity;

/// <param name="Endpoint">The tenant, or which of the other endpoints was asked.</param>
internal sealed record TokenRequestForm(string Endpoint, IReadOnlyDictionary<string, string> Fields)
{
    /// <summary>Empty for none.</summary>
    public string this[string name] => Fields.GetValueOrDefault(name, "");
}
