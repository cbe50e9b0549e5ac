using Microsoft.Extensions.Configuration;
using Migrator.Core.Redaction;
using Migrator.Storage.Keys;

namespace Migrator.App.Settings;

/// <summary>The secrets of a vault as settings: <c>Mailboxes--ann</c> is <c>Mailboxes:ann</c>.</summary>
public sealed class VaultConfiguration(KeyVaultSecrets vault, TimeSpan reload) : ConfigurationProvider, IConfigurationSource
{
    private IReadOnlySet<string> _disabled = new HashSet<string>();

    public Uri Address => vault.Vault;

    /// <summary>How often it is to be read again.</summary>
    public TimeSpan ReloadEvery => reload;

    public IConfigurationProvider Build(IConfigurationBuilder builder) => this;

    /// <summary>Reads the vault; from then on its values are kept out of logs, traces and reports. Where it fails, all stays as it
    /// was.</summary>
    /// <returns>Whether anything is not as it was.</returns>
    /// <exception cref="StorageException">The vault cannot be reached, or refuses.</exception>
    public async Task<bool> ReadAsync(CancellationToken cancellationToken)
    {
        var content = await vault.ReadAsync(cancellationToken);
        // Also those that nobody refers to: anyone who put them there calls them secrets, and an error in a setting repeats its value.
        foreach (var value in content.Values.Values)
            SecretRedactor.Add(value);
        var data = content.Values.ToDictionary(
            secret => SettingOf(secret.Key),
            secret => (string?)secret.Value,
            StringComparer.OrdinalIgnoreCase
        );
        _disabled = content.Disabled;
        if (data.Count == Data.Count && data.All(setting => Data.TryGetValue(setting.Key, out var now) && now == setting.Value))
            return false;
        Data = data;
        OnReload();
        return true;
    }

    /// <summary>Whether the vault has it and keeps it to itself.</summary>
    /// <param name="name">The vault's.</param>
    public bool IsDisabled(string name) => _disabled.Contains(name);

    /// <returns>Null where no secret in a vault can be named so.</returns>
    public static string? NameOf(string setting) =>
        setting.Replace(":", "--", StringComparison.Ordinal) is { Length: <= 127 } name
        && name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter == '-')
        && SettingOf(name) == setting
            ? name
            : null;

    private static string SettingOf(string name) => name.Replace("--", ConfigurationPath.KeyDelimiter, StringComparison.Ordinal);
}
