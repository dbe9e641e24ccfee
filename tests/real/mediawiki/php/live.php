<?php
// Does what people do, each line of standard input one call of the wiki's own API in their
// name: {"user": ..., "do": {...}}. Prints a JSON list of what the API said.
require_once '/usr/share/mediawiki/maintenance/Maintenance.php';

use MediaWiki\Auth\AuthManager;
use MediaWiki\MediaWikiServices;

class Live extends Maintenance {
    public function execute() {
        $said = [];
        while (($line = fgets(STDIN)) !== false) {
            $call = json_decode($line, true);
            $said[] = $call['do']['action'] === 'register'
                ? $this->register($call['user'], $call['do'])
                : $this->act($call['user'], $call['do']);
            DeferredUpdates::doUpdates();
        }
        $this->output(json_encode($said));
    }

    private function register(string $name, array $about): array {
        $user = User::newFromName($name);
        MediaWikiServices::getInstance()->getAuthManager()
            ->autoCreateUser($user, AuthManager::AUTOCREATE_SOURCE_MAINT, false);
        $user->setEmail($about['email']);
        $user->saveSettings();
        return ['userid' => $user->getId()];
    }

    private function act(string $name, array $parameters): array {
        $user = User::newFromName($name, false);
        $context = new DerivativeContext(RequestContext::getMain());
        $request = new FauxRequest($parameters, true);
        $context->setRequest($request);
        $context->setUser($user);
        $kind = $parameters['action'] === 'userrights' ? 'userrights' : '';
        $parameters['token'] = $user->isAnon() ? '+\\' : $user->getEditToken($kind, $request);
        $asked = new DerivativeRequest($request, $parameters, true);
        $context->setRequest($asked);
        $api = new ApiMain($context, true);
        try {
            $api->execute();
        } catch (ApiUsageException $error) {
            return ['error' => $error->getMessage()];
        }
        return $api->getResult()->getResultData(null, ['Strip' => 'all']);
    }
}

$maintClass = Live::class;
require_once RUN_MAINTENANCE_IF_MAIN;
