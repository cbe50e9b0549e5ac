namespace Migrator.Core.Discovery;

/// <summary>What a server that was found accepts.</summary>
public enum DiscoveredLogin
{
    Password,

    /// <inheritdoc cref="Providers.ProviderLogin.AppPassword"/>
    AppPassword,

    /// <summary>Access tokens of Microsoft, and no password.</summary>
    Microsoft,

    /// <summary>Access tokens of Google, or an app password.</summary>
    Google,

    /// <summary>Access tokens of another server, and no password.</summary>
    OAuth,
}

/// <summary>Their names.</summary>
public static class DiscoveredLoginNames
{
    /// <summary>As people read it.</summary>
    public static string Title(this DiscoveredLogin login) =>
        login switch
        {
            DiscoveredLogin.AppPassword => "app password",
            DiscoveredLogin.Microsoft => "OAuth (Microsoft)",
            DiscoveredLogin.Google => "OAuth (Google)",
            DiscoveredLogin.OAuth => "OAuth",
            _ => "password",
        };

    /// <summary>As programs read it; never renamed.</summary>
    public static string Name(this DiscoveredLogin login) =>
        login switch
        {
            DiscoveredLogin.AppPassword => "appPassword",
            DiscoveredLogin.Microsoft => "microsoft",
            DiscoveredLogin.Google => "google",
            DiscoveredLogin.OAuth => "oauth",
            _ => "password",
        };
}
