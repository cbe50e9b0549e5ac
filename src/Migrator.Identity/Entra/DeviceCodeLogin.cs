using Microsoft.Identity.Client;
using Migrator.Core.Failures;
using Migrator.Core.Identity;

namespace Migrator.Identity.Entra;

/// <summary>A login at Microsoft by a code that a person enters on a page, on any device.</summary>
internal sealed class DeviceCodeLogin(MicrosoftTokens settings, HttpClient http)
{
    /// <returns>What the store is to keep, and the account that has logged in.</returns>
    public async Task<(byte[] Cache, string? Account)> RequestAsync(string server, ILoginPrompt prompt, CancellationToken cancellationToken)
    {
        var application = new DelegatedApplication(settings, null, http);
        try
        {
            var result = await application
                .Client.AcquireTokenWithDeviceCode(
                    application.Scopes,
                    code =>
                    {
                        prompt.ShowCode(new Uri(code.VerificationUrl), code.UserCode, code.ExpiresOn - TimeProvider.System.GetUtcNow());
                        return Task.CompletedTask;
                    }
                )
                .ExecuteAsync(cancellationToken);
            return (application.Cache!, result.Account?.Username);
        }
        catch (MsalClientException exception) when (exception.ErrorCode == MsalError.CodeExpired)
        {
            throw new MailException(Reason.LoginTimedOut, $"{server}: nobody entered the code in time.", exception);
        }
        catch (MsalServiceException exception) when (exception.ErrorCode == "authorization_declined")
        {
            throw new MailException(Reason.LoginDeclined, $"{server}: the login was declined.", exception);
        }
        catch (Exception exception) when (EntraErrors.Translate(server, exception, cancellationToken) is { } failure)
        {
            throw failure;
        }
    }
}
