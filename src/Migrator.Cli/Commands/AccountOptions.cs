using System.CommandLine;
using Migrator.Core.Failures;
using Migrator.Core.Identity;
using Migrator.Core.Secrets;

namespace Migrator.Cli.Commands;

/// <summary>An account of Microsoft or Google, without a job.</summary>
internal sealed class AccountOptions
{
    private const string Microsoft = "microsoft";
    private const string Google = "google";

    private readonly Option<string?> _provider = new("--provider")
    {
        Description = "The account's provider, without a job.",
        HelpName = $"{Microsoft}|{Google}",
    };

    private readonly Option<string?> _user = new("--user") { Description = "Login name of the mailbox.", HelpName = "ADDRESS" };

    private readonly Option<string?> _tenant = new("--tenant")
    {
        Description = "Microsoft: id or domain of the tenant.",
        HelpName = "TENANT",
    };

    private readonly Option<string?> _client = new("--client-id") { Description = "Id of the application.", HelpName = "ID" };

    private readonly Option<string?> _scope = new("--scope")
    {
        Description = "Microsoft: what to allow. [default: IMAP]",
        HelpName = "SCOPE",
    };

    private readonly Option<string?> _secret = new("--client-secret")
    {
        Description = "Google: where the secret of the client is: env:NAME, file:PATH, setting:NAME or command:LINE.",
        HelpName = "REFERENCE",
    };

    private IEnumerable<Option<string?>> All => [_provider, _user, _tenant, _client, _scope, _secret];

    public void AddTo(Command command)
    {
        _provider.AcceptOnlyFromAmong(Microsoft, Google);
        foreach (var option in All)
            command.Add(option);
    }

    /// <summary>Whether one of them is given, alone or not.</summary>
    public bool IsGiven(ParseResult parsed) => All.Any(option => parsed.GetValue(option) is not null);

    /// <returns>Null where none is given.</returns>
    /// <exception cref="ConfigurationException">Something is missing.</exception>
    public LoginAccount? Read(ParseResult parsed)
    {
        var provider = parsed.GetValue(_provider);
        if (provider is null)
            return null;
        var errors = new List<ConfigurationError>();
        var (user, client) = (Needed(_user), Needed(_client));
        TokenSettings? tokens =
            provider == Microsoft
                ? new MicrosoftTokens(MicrosoftGrant.DeviceCode, Needed(_tenant), client, MicrosoftCloud.Global)
                {
                    Scope = parsed.GetValue(_scope),
                }
            : Secret(Needed(_secret)) is { } secret ? OAuthTokens.OfGoogle(client, secret)
            : null;
        return errors.Count == 0 ? new LoginAccount(tokens!, user) : throw new ConfigurationException("command line", errors);

        string Needed(Option<string?> option)
        {
            if (parsed.GetValue(option) is { Length: > 0 } text)
                return text;
            errors.Add(new ConfigurationError(option.Name, $"is missing: --provider {provider} requires it."));
            return "";
        }

        SecretReference? Secret(string text)
        {
            if (text.Length == 0)
                return null;
            if (SecretReference.Parse(text, Directory.GetCurrentDirectory()) is { } reference)
                return reference;
            errors.Add(new ConfigurationError(_secret.Name, $"must say where the secret is: {SecretReference.Forms}."));
            return null;
        }
    }
}
