namespace Migrator.Core.Providers;

/// <summary>What a provider accepts from mail programs.</summary>
public enum ProviderLogin
{
    /// <summary>The password of the account.</summary>
    Password,

    /// <summary>A password for one program, which the owner creates on the provider's pages.</summary>
    AppPassword,

    /// <summary>OAuth access tokens of Microsoft Entra ID, and no password.</summary>
    Microsoft,

    /// <summary>OAuth access tokens of Google, or an app password.</summary>
    Google,
}
