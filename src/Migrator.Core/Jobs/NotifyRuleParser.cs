using Migrator.Core.Secrets;

namespace Migrator.Core.Jobs;

/// <summary>Reads <c>notify</c> of a job file.</summary>
internal static class NotifyRuleParser
{
    public static readonly IReadOnlyDictionary<string, NotifyOn> Occasions = new Dictionary<string, NotifyOn>
    {
        ["failure"] = NotifyOn.Failure,
        ["success"] = NotifyOn.Success,
        ["daily"] = NotifyOn.Daily,
    };

    public static NotifyRule Read(JsonObjectReader? notify, string directory)
    {
        if (notify is null)
            return NotifyRule.None;
        var mail = notify.Texts("mail");
        foreach (var address in mail.Where(address => address.IndexOf('@') is not (> 0 and var at) || at == address.Length - 1))
            notify.Wrong(notify.At("mail"), $"contains \"{address}\", which is not a valid email address.");
        var webhooks = new List<SecretReference>();
        foreach (var text in notify.Texts("webhooks"))
        {
            if (SecretReference.Parse(text, directory) is { Source: not SecretSource.Prompt } reference)
                webhooks.Add(reference);
            else
                notify.Wrong(
                    notify.At("webhooks"),
                    "must not hold the address itself (it is not shown here), which often is a secret; say where it is: "
                        + "\"env:NAME\", \"file:PATH\" or \"setting:NAME\"."
                );
        }
        NotifyOn? on = null;
        foreach (var word in notify.Texts("on"))
        {
            if (Occasions.TryGetValue(word, out var occasion))
                on = (on ?? NotifyOn.Nothing) | occasion;
            else
                notify.Wrong(notify.At("on"), $"contains \"{word}\"; use {JsonObjectReader.OneOf(Occasions.Keys)}.");
        }
        notify.NothingElse();
        return new NotifyRule(mail, webhooks, on);
    }
}
