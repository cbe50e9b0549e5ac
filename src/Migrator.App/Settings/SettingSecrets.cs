using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.EnvironmentVariables;
using Migrator.Core.Secrets;

namespace Migrator.App.Settings;

/// <summary>Finds what <c>setting:NAME</c> refers to: in Key Vault, or in the environment.</summary>
public static class SettingSecrets
{
    /// <param name="settings">Of <see cref="ConfigurationLoader"/>.</param>
    /// <param name="prompt">Asks a person; null where nobody can be asked.</param>
    public static SecretResolver Resolver(IConfiguration settings, Func<string, string>? prompt = null) =>
        new(prompt, name => Find(settings, name));

    private static SettingLookup Find(IConfiguration settings, string name)
    {
        var (vaultName, variable) = (VaultConfiguration.NameOf(name), "MIGRATOR_" + name.Replace(":", "__", StringComparison.Ordinal));
        var providers = (settings as IConfigurationRoot)?.Providers.Reverse().ToList() ?? [];
        var vault = providers.OfType<VaultConfiguration>().FirstOrDefault();
        foreach (var provider in providers)
        {
            if (!provider.TryGet(name, out var value) || value is not { Length: > 0 })
                continue;
            // In a file of settings or on a command line there would stand not where a secret is, but the secret.
            return provider is VaultConfiguration or EnvironmentVariablesConfigurationProvider
                ? new SettingLookup(value, "")
                : Not(
                    $"the setting {name} is written in a settings file or on the command line, where secrets are not allowed. Make it "
                        + $"the secret \"{vaultName ?? "NAME"}\" of Azure Key Vault or the environment variable {variable}, or use "
                        + "\"file:PATH\"."
                );
        }
        if (vault is null)
            return Not(
                $"there is no such setting: the environment variable {variable} is not set, and no Azure Key Vault is "
                    + "configured (\"KeyVault:Uri\")."
            );
        if (vaultName is null)
            return Not(
                $"there is no such setting: the environment variable {variable} is not set, and no secret in Azure Key Vault "
                    + "can be named so. It may have letters, digits and single hyphens; \":\" is written \"--\" there."
            );
        return Not(
            vault.IsDisabled(vaultName)
                ? $"the secret \"{vaultName}\" is disabled in Azure Key Vault at {vault.Address.Authority}. Enable it there."
                : $"there is no such setting: Azure Key Vault at {vault.Address.Authority} has no secret \"{vaultName}\", and the "
                    + $"environment variable {variable} is not set. Create one of them."
        );

        static SettingLookup Not(string why) => new(null, why);
    }
}
