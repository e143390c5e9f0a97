# frozen_string_literal: true

Rails.application.routes.draw do
  devise_for :users, skip: [:omniauth_callbacks]
  root "products#index"

  resources :categories, only: %i[index show]
  resources :products, only: %i[index show] do
    resources :reviews, only: %i[index create]
  end
  resources :customers do
    resources :addresses
    resources :notes, only: %i[index create destroy]
  end
  resources :orders do
    member do
      post :confirm
      post :ship
      post :cancel
    end
    resources :shipments, only: %i[index show]
  end
  resources :invoices, only: %i[index show]
  resources :tickets do
    resources :messages, only: %i[create]
  end
  namespace :api do
    resources :orders, only: %i[index show create]
    resources :products, only: %i[index show]
  end
end
