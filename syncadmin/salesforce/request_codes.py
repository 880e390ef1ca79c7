"""What it means when a whole request, or the connection, fails: code → words for people.

Codes and causes: https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/errorcodes.htm
The strings are plain constants; the web layer translates them.
"""

from __future__ import annotations

from syncadmin.salesforce.explanation import ADMIN, CRM_ADMIN, NOBODY, Explanation

REQUEST_CODES: dict[str, Explanation] = {
    "INVALID_LOGIN": Explanation(
        "Salesforce did not accept the user name and password",
        "The user name, password or security token is wrong, or the user is locked or deactivated.",
        "Enter them again. Changing a password in Salesforce also sends a new security token by e-mail.",
        ADMIN,
    ),
    "INVALID_CLIENT": Explanation(
        "Salesforce did not accept the client id and secret",
        "The client id (consumer key) or secret is wrong, or the app may not log in in this way.",
        "In Salesforce open External Client App Manager, copy both again, and check that the "
        "Client Credentials Flow is enabled with a user to run as.",
        CRM_ADMIN,
    ),
    "LOGIN_MUST_USE_SECURITY_TOKEN": Explanation(
        "The security token is missing",
        "Salesforce does not know the network address of this server and asks for the security token.",
        "Enter the security token (in Salesforce: Settings, Reset My Security Token).",
        ADMIN,
    ),
    "PASSWORD_EXPIRED": Explanation(
        "The password has expired",
        "The password of the sync user has to be changed in Salesforce.",
        "Set a new one, and let the passwords of the sync user never expire.",
        CRM_ADMIN,
    ),
    "INVALID_SESSION_ID": Explanation(
        "Salesforce ended the session",
        "Salesforce refused the session even after a new log-in.",
        "Check in Salesforce whether the app or the sync user was blocked, then test the connection again.",
        CRM_ADMIN,
    ),
    "INVALID_AUTH_HEADER": Explanation(
        "Salesforce did not understand the log-in",
        "Something between here and Salesforce changed the request.",
        "Check the address, and any proxy on the way, then test the connection again.",
        ADMIN,
    ),
    "UNREACHABLE": Explanation(
        "Salesforce can't be reached",
        "No connection to the address of your Salesforce could be made.",
        "Check the address and whether this server may connect to the internet. If it is right, wait: "
        "the sync tries again by itself.",
        ADMIN,
    ),
    "NOT_SALESFORCE": Explanation(
        "This is not the address of a Salesforce org",
        "Something answered at this address, but not as Salesforce does.",
        "Enter the My Domain address of your org, such as https://yourcompany.my.salesforce.com "
        "(in Salesforce: Setup, My Domain).",
        ADMIN,
    ),
    "INSECURE_URL": Explanation(
        "The address is not safe",
        "The address must begin with https:// and hold nothing but the name of the server; otherwise "
        "passwords and personal data could be read on the way.",
        "Enter the My Domain address of your org, such as https://yourcompany.my.salesforce.com.",
        ADMIN,
    ),
    "INCOMPLETE_CREDENTIALS": Explanation(
        "The log-in is not complete",
        "A part of the log-in is empty.",
        "Enter the client id and secret, or the user name and password.",
        ADMIN,
    ),
    "API_DISABLED_FOR_ORG": Explanation(
        "The API is switched off",
        "This edition of Salesforce, or the sync user, may not use the API.",
        "Give the sync user the permission API Enabled; Professional Edition needs the API as an add-on.",
        CRM_ADMIN,
    ),
    "API_CURRENTLY_DISABLED": Explanation(
        "The API is switched off",
        "Salesforce has switched the API off for this org for the time being.",
        "Ask your Salesforce administrator, or Salesforce support.",
        CRM_ADMIN,
    ),
    "REQUEST_LIMIT_EXCEEDED": Explanation(
        "The API calls of the day are used up",
        "Your Salesforce org allows a number of calls in 24 hours, shared by all apps, and they are used up.",
        "The sync goes on by itself when calls come free. Look for the app that uses most of them.",
        CRM_ADMIN,
    ),
    "STORAGE_LIMIT_EXCEEDED": Explanation(
        "Salesforce is full",
        "The data storage of your Salesforce org is used up; nothing new can be created.",
        "Ask your Salesforce administrator to free storage or buy more.",
        CRM_ADMIN,
    ),
    "SERVER_UNAVAILABLE": Explanation(
        "Salesforce is busy or under maintenance",
        "Salesforce could not handle the request just now.",
        "Nothing to do: it is tried again by itself. See status.salesforce.com if it lasts.",
        NOBODY,
    ),
    "UNKNOWN_EXCEPTION": Explanation(
        "Salesforce failed without saying why",
        "An error inside Salesforce stopped the request.",
        "It is tried again by itself. If it comes back, open a case with Salesforce and quote the message.",
        CRM_ADMIN,
    ),
    "QUERY_TIMEOUT": Explanation(
        "Salesforce took too long",
        "Salesforce gave up on the question because it took too long.",
        "It is tried again by itself. If it comes back, sync fewer fields or ask for an index.",
        CRM_ADMIN,
    ),
    "REQUEST_RUNNING_TOO_LONG": Explanation(
        "Salesforce took too long",
        "Salesforce gave up on the request because it took too long.",
        "It is tried again by itself. If it comes back, ask about slow automations on Leads and Contacts.",
        CRM_ADMIN,
    ),
    "INVALID_QUERY_LOCATOR": Explanation(
        "A list in Salesforce ran out",
        "Salesforce keeps the rest of a long list for two days; this one is gone.",
        "Nothing to do: the next sync begins where the last one stopped.",
        NOBODY,
    ),
    "INVALID_TYPE": Explanation(
        "The sync user does not see this kind of record",
        "Salesforce says that there is no such object, or the sync user has no right to read it.",
        "Give the sync user Read, Create and Edit on Leads and Contacts.",
        CRM_ADMIN,
    ),
    "NOT_FOUND": Explanation(
        "Not found",
        "Salesforce has no such record or object, or the sync user does not see it.",
        "Check the rights of the sync user in Salesforce.",
        CRM_ADMIN,
    ),
    "MALFORMED_QUERY": Explanation(
        "Salesforce did not understand the question",
        "The list of synced fields made a question that Salesforce can't read.",
        "Tell the administrator of this product, with the message.",
        ADMIN,
    ),
    "UNSUPPORTED_API_VERSION": Explanation(
        "Salesforce no longer offers this version of its API",
        "The version chosen in the connection is too old or too new for your org.",
        "Choose another API version in the connection settings.",
        ADMIN,
    ),
    "ORG_LOCKED": Explanation(
        "The Salesforce org is locked",
        "Salesforce has locked the org or is changing it.",
        "Ask your Salesforce administrator; the sync goes on by itself afterwards.",
        CRM_ADMIN,
    ),
    "INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE": Explanation(
        "Salesforce is under maintenance",
        "During this maintenance Salesforce can be read, but not written.",
        "Nothing to do: it is tried again by itself.",
        NOBODY,
    ),
    "FUNCTIONALITY_NOT_ENABLED": Explanation(
        "Not switched on in Salesforce",
        "Your edition of Salesforce lacks a function that the sync needs, or it is switched off.",
        "Show the message to your Salesforce administrator.",
        CRM_ADMIN,
    ),
    "MISSING_PERMISSION": Explanation(
        "The sync user lacks a permission",
        "The sync user may not do everything that the sync needs.",
        "Give the sync user Read, Create and Edit on Leads and Contacts.",
        CRM_ADMIN,
    ),
    "HIDDEN_FIELD": Explanation(
        "A field is hidden from the sync user",
        "The sync needs this field, and the sync user does not see it.",
        "Make it visible in the permission set of the sync user (field-level security).",
        CRM_ADMIN,
    ),
}
